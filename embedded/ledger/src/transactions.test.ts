import { prepareEmbedded } from '@medigraph/network';
import { checkpointers } from '@hyperledger/fabric-gateway';
import { testDescription, TestNetwork } from './testing/test-network.js';

const prepare = async (folder: string) => (await prepareEmbedded(testDescription, folder)).ledgerFile;

describe('a network with the unmodified client', () => {
  let network: TestNetwork;
  beforeAll(async () => {
    network = await TestNetwork.start({ prepare });
  });
  afterAll(() => network.close());

  const contract = async (mspId = 'AlphaMSP') =>
    (await network.client(mspId)).gateway.getNetwork('main').getContract('sample');
  const text = (bytes: Uint8Array) => Buffer.from(bytes).toString();

  test('submits, evaluates and keeps what was committed over a restart', async () => {
    expect(text(await (await contract()).submitTransaction('put', 'a', 'one'))).toBe('one');
    expect(text(await (await contract('BetaMSP')).evaluateTransaction('get', 'a'))).toBe('one');
    await network.stopLedger();
    await network.startLedger();
    expect(text(await (await contract('GammaMSP')).evaluateTransaction('get', 'a'))).toBe('one');
    expect(await network.ledger.verify()).toEqual([
      { channel: 'main', blocks: network.ledger.heights()['main'] },
      { channel: 'narrow', blocks: network.ledger.heights()['narrow'] },
    ]);
  });

  test('delivers chaincode events, from a block and after a transaction', async () => {
    const client = (await network.client()).gateway.getNetwork('main');
    const live = await client.getChaincodeEvents('sample');
    const sample = client.getContract('sample');
    const first = await sample.submitAsync('emit', { arguments: ['e', 'First', '1'] });
    const committed = await first.getStatus();
    await sample.submitTransaction('emit', 'e', 'Second', '2');
    const seen: string[] = [];
    for await (const event of live) {
      seen.push(`${event.eventName}:${text(event.payload)}`);
      if (seen.length === 2) break;
    }
    live.close();
    expect(seen).toEqual(['First:1', 'Second:2']);

    const checkpointer = checkpointers.inMemory();
    await checkpointer.checkpointTransaction(committed.blockNumber, committed.transactionId);
    const after = await client.getChaincodeEvents('sample', { checkpoint: checkpointer });
    for await (const event of after) {
      expect(event.eventName).toBe('Second');
      break;
    }
    after.close();
  });

  test('delivers blocks', async () => {
    const client = (await network.client()).gateway.getNetwork('main');
    const blocks = await client.getBlockEvents({ startBlock: 0n });
    const numbers: (number | undefined)[] = [];
    for await (const block of blocks) {
      numbers.push(block.getHeader()?.getNumber());
      if (numbers.length === 2) break;
    }
    blocks.close();
    expect(numbers).toEqual([0, 1]);
  });
});
