import { validationName } from '../answer.js';
import { group, scenario } from '../scenario.js';

export const transactions = group('transactions', [
  scenario(
    'a value is there until it is deleted',
    async ({ hospital }) => {
      await hospital.submit('put', 'there', 'value');
      const before = await hospital.evaluate('get', 'there');
      await hospital.submit('del', 'there');
      return [before, await hospital.evaluate('get', 'there'), await hospital.evaluate('get', 'never')];
    },
    ['value', '', ''],
  ),
  scenario(
    'an empty value is none',
    async ({ hospital }) => {
      await hospital.submit('put', 'hollow', '');
      return [await hospital.evaluate('get', 'hollow'), await hospital.ask('range', 'hollow', 'hollox')];
    },
    ['', []],
  ),
  scenario(
    'a key may be empty, and may end with the last character of Unicode',
    async ({ hospital }) => {
      await hospital.submit('put', '', 'nameless', 'last\u{10ffff}', 'last');
      return [
        await hospital.evaluate('get', ''),
        await hospital.evaluate('get', 'last\u{10ffff}'),
        await hospital.ask('history', ''),
      ];
    },
    ['nameless', 'last', [['nameless', false]]],
  ),
  scenario(
    'a transaction sees the state before it, not its own writes',
    async ({ hospital }) => [
      await hospital.submit('putThenGet', 'own', 'mine'),
      await hospital.evaluate('get', 'own'),
    ],
    ['', 'mine'],
  ),
  scenario(
    'an evaluation that writes changes nothing',
    async ({ hospital }) => {
      await hospital.evaluate('put', 'ghost', 'seen');
      return hospital.evaluate('get', 'ghost');
    },
    '',
  ),
  scenario(
    'a transaction is told its channel, its caller and its arguments',
    async ({ insurerB }) => insurerB.ask('about', 'one', ''),
    { channel: 'care', mspId: 'InsurerBMSP', args: ['about', 'one', ''], transient: [] },
  ),
  scenario(
    'transient data reaches the contract',
    async ({ hospital }) => {
      const transientData = { name: 'secret' };
      const answer = await hospital.contract().evaluate('about', { transientData });
      return (JSON.parse(Buffer.from(answer).toString()) as { transient: unknown }).transient;
    },
    [['name', 'secret']],
  ),
  scenario(
    'an answer of five megabytes arrives whole',
    async ({ hospital }) =>
      (await hospital.contract().evaluate('binary', { arguments: [String(5 << 20)] })).length,
    5_242_880,
  ),
  scenario(
    'a commit says its code and its block',
    async ({ hospital }) => {
      const submitted = await hospital.contract().submitAsync('put', { arguments: ['committed', '1'] });
      const { code, successful, blockNumber } = await submitted.getStatus();
      return [validationName(code), successful, blockNumber > 0n];
    },
    ['VALID', true, true],
  ),
  scenario(
    'any member may ask whether a transaction was committed',
    async ({ hospital, insurerA }) => {
      const submitted = await hospital.contract().submitAsync('put', { arguments: ['asked', '1'] });
      await submitted.getStatus();
      const transactionId = submitted.getTransactionId();
      return (await insurerA.peer.commitStatus(insurerA.user, { transactionId }))[0];
    },
    'VALID',
  ),
  scenario(
    'sixty transactions at once are all committed',
    async ({ hospital }) => {
      const codes = await Promise.all(
        Array.from({ length: 60 }, async (_, number) => {
          const args = { arguments: [`many${number}`, '1'] };
          return validationName(
            (await (await hospital.contract().submitAsync('put', args)).getStatus()).code,
          );
        }),
      );
      return [codes.length, ...new Set(codes)];
    },
    [60, 'VALID'],
  ),
  scenario(
    'of two that read and write one key, the later fails',
    async ({ hospital }) => {
      await hospital.submit('put', 'counter', '1');
      const increment = () =>
        hospital
          .contract()
          .newProposal('increment', { arguments: ['counter'] })
          .endorse();
      const [first, second] = [await increment(), await increment()];
      const submitted = [await first.submit(), await second.submit()];
      const codes = await Promise.all(submitted.map(async (each) => (await each.getStatus()).code));
      return [...codes.map(validationName), await hospital.evaluate('get', 'counter')];
    },
    ['VALID', 'MVCC_READ_CONFLICT', '2'],
  ),
  scenario(
    'of two that only write one key, the later counts',
    async ({ hospital }) => {
      const put = (value: string) =>
        hospital
          .contract()
          .newProposal('put', { arguments: ['blind', value] })
          .endorse();
      const [first, second] = [await put('first'), await put('second')];
      const submitted = [await first.submit(), await second.submit()];
      const codes = await Promise.all(submitted.map(async (each) => (await each.getStatus()).code));
      return [...codes.map(validationName), await hospital.evaluate('get', 'blind')];
    },
    ['VALID', 'VALID', 'second'],
  ),
  ...(
    [
      ['a key is inserted into', ['put', 'phantom2', 'new'], 'PHANTOM_READ_CONFLICT'],
      ['a value changes in', ['put', 'phantom1', 'new'], 'PHANTOM_READ_CONFLICT'],
      ['a key is deleted from', ['del', 'phantom1'], 'PHANTOM_READ_CONFLICT'],
      ['something changes outside of', ['put', 'quantom', 'new'], 'VALID'],
    ] as const
  ).map(([what, [transaction, ...args], code]) =>
    scenario(
      `${what} a range that was read: ${code}`,
      async ({ hospital }) => {
        await hospital.submit('put', 'phantom1', '1', 'phantom3', '3');
        await hospital.submit('del', 'phantom2');
        const counted = await hospital
          .contract()
          .newProposal('countInto', { arguments: ['phantom1', 'phantom9', 'count'] })
          .endorse();
        await hospital.submit(transaction, ...args);
        return validationName((await (await counted.submit()).getStatus()).code);
      },
      code,
    ),
  ),
]);
