import { group, scenario } from '../scenario.js';

/** Last: these stop the network under everybody's feet. */
export const recovery = group('recovery', [
  scenario(
    'state, history and blocks are there after the network was stopped and started',
    async (consortium) => {
      const { hospital } = consortium;
      await hospital.submit('put', 'lasting', 'before');
      const submitted = await hospital.contract().submitAsync('event', { arguments: ['Before', 'stop'] });
      const { blockNumber } = await submitted.getStatus();
      await consortium.restart();
      const state = await consortium.patiently(() => hospital.evaluate('get', 'lasting'));
      await consortium.patiently(() => hospital.submit('put', 'lasting', 'after'));
      const events = await hospital.network().getChaincodeEvents('probe', { startBlock: blockNumber });
      const names: string[] = [];
      for await (const { eventName } of events) {
        names.push(eventName);
        break;
      }
      events.close();
      return [state, await hospital.ask('history', 'lasting'), names];
    },
    [
      'before',
      [
        ['after', false],
        ['before', false],
      ],
      ['Before'],
    ],
  ),
  scenario(
    'a transaction that was committed before the stop is not committed again after it',
    async (consortium) => {
      const { hospital } = consortium;
      const submitted = await hospital.contract().submitAsync('put', { arguments: ['once', '1'] });
      const before = await submitted.getStatus();
      await consortium.restart();
      const transactionId = submitted.getTransactionId();
      const [code, block] = await consortium.patiently(() =>
        hospital.peer.commitStatus(hospital.user, { transactionId }),
      );
      return [code, BigInt(block) === before.blockNumber];
    },
    ['VALID', true],
  ),
]);
