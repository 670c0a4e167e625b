import { prepareEmbedded } from '@medigraph/network';
import { type RawClient } from '../testing/raw-client.js';
import { testDescription, TestNetwork } from '../testing/test-network.js';
import { Block } from '../wire/common.js';
import { FilteredBlock, type SeekPosition } from '../wire/services.js';

const prepare = async (folder: string) => (await prepareEmbedded(testDescription, folder)).ledgerFile;
const none = { newest: undefined, oldest: undefined, specified: undefined, nextCommit: undefined };
const oldest: SeekPosition = { ...none, oldest: {} };
const newest: SeekPosition = { ...none, newest: {} };
const nextCommit: SeekPosition = { ...none, nextCommit: {} };

describe('Deliver', () => {
  let network: TestNetwork;
  let client: RawClient;
  /** Blocks before the first of the three: in them the chaincodes were agreed on. */
  let before = 0;
  const at = (number: number): SeekPosition => ({ ...none, specified: { number: before + number } });
  beforeAll(async () => {
    network = await TestNetwork.start({ prepare });
    before = (network.ledger.heights()['main'] ?? 0) - 1;
    client = await network.raw();
    for (const value of ['1', '2', '3'])
      await client.transact('main', 'sample', ['emit', 'k', 'Event', value]);
  });
  afterAll(() => network.close());

  /** Numbers of the blocks, then the status. */
  const deliver = async (
    ...args: Parameters<RawClient['deliver']> extends [string, ...infer Rest] ? Rest : never
  ) =>
    (await client.deliver('main', ...args)).map(({ status, block }) =>
      status > 0 ? `status ${status}` : (Block.decode(block).header?.number ?? 0) - before,
    );

  test('positions', async () => {
    expect(await deliver({ start: at(0), stop: newest })).toEqual([0, 1, 2, 3, 'status 200']);
    expect(await deliver({ start: newest, stop: newest })).toEqual([3, 'status 200']);
    expect(await deliver({ start: oldest, stop: oldest })).toEqual([-before, 'status 200']);
    expect(await deliver({ start: at(1), stop: at(2) }, 'orderer')).toEqual([1, 2, 'status 200']);
  });

  test('fails at once, or waits, for blocks that are not there', async () => {
    expect(await deliver({ start: at(2), stop: at(9), behavior: 1 })).toEqual([2, 3, 'status 404']);
    expect(await deliver({ start: at(4), stop: at(4), behavior: 1 })).toEqual(['status 404']);
    expect(await deliver({ start: at(9), stop: at(9) })).toEqual(['status 404']);
    const waiting = deliver({ start: nextCommit, stop: at(4) });
    await client.transact('main', 'sample', ['put', 'k', '4']);
    expect(await waiting).toEqual([4, 'status 200']);
  });

  test('refuses what is wrong', async () => {
    expect(await deliver({ start: at(2), stop: at(1) })).toEqual(['status 400']);
    expect(await deliver({ start: oldest })).toEqual(['status 400']);
    expect(await client.deliver('nowhere', { start: oldest, stop: oldest })).toMatchObject([{ status: 404 }]);
    const yesterday = { seconds: Math.floor(Date.now() / 1000) - 86_400, nanos: 0 };
    expect(await deliver({ start: oldest, stop: oldest }, 'peer', { timestamp: yesterday })).toEqual([
      'status 400',
    ]);
    const signature = await client.sign(Buffer.from('something else'));
    expect(await deliver({ start: oldest, stop: oldest }, 'peer', { signature })).toEqual(['status 403']);
    const gamma = await network.raw('GammaMSP', undefined, 'AlphaMSP');
    expect(await gamma.deliver('narrow', { start: oldest, stop: oldest })).toMatchObject([{ status: 403 }]);
  });

  test('filtered blocks name events and leave out their payload', async () => {
    const [first] = await client.deliver('main', { start: at(1), stop: at(1) }, 'filtered');
    const { channelId, number, filteredTransactions } = FilteredBlock.decode(
      first?.filteredBlock ?? Buffer.alloc(0),
    );
    expect([channelId, number]).toEqual(['main', before + 1]);
    expect(filteredTransactions).toMatchObject([{ type: 3, txValidationCode: 0 }]);
    const [action] = filteredTransactions[0]?.transactionActions?.chaincodeActions ?? [];
    expect(action?.chaincodeEvent).toMatchObject({ chaincodeId: 'sample', eventName: 'Event' });
    expect(action?.chaincodeEvent?.payload).toHaveLength(0);
  });

  test('headers alone, if asked for', async () => {
    const [first] = await client.deliver('main', { start: at(1), stop: at(1), contentType: 1 });
    const block = Block.decode(first?.block ?? Buffer.alloc(0));
    expect(block.header?.number).toBe(before + 1);
    expect(block.data).toBeUndefined();
    expect(block.metadata?.metadata).toHaveLength(5);
  });
});
