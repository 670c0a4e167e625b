import { prepareEmbedded } from '@medigraph/network';
import { type RawClient } from './testing/raw-client.js';
import { testDescription, TestNetwork } from './testing/test-network.js';
import { openTransaction } from './validation/transaction-content.js';
import { parseReadWriteSet } from './rwset/parsed.js';
import { validationCode } from './wire/transaction.js';

const prepare = async (folder: string) => (await prepareEmbedded(testDescription, folder)).ledgerFile;

describe('what a chaincode may ask of the ledger', () => {
  let network: TestNetwork;
  let client: RawClient;
  beforeAll(async () => {
    network = await TestNetwork.start({ prepare });
    client = await network.raw();
  });
  afterAll(() => network.close());

  const evaluate = async (...args: string[]) => client.evaluate(await client.propose('main', 'sample', args));
  const submit = async (...args: string[]) =>
    expect(await client.transact('main', 'sample', args)).toBe(validationCode.VALID);
  const parsed = async (...args: string[]) => JSON.parse(await evaluate(...args)) as Record<string, unknown>;

  test('reads see the state before the transaction, not its own writes', async () => {
    await submit('put', 'own', 'before');
    expect(await evaluate('readOwnWrite', 'own', 'after')).toBe('before');
  });

  test('ranges include their start and not their end, in byte order', async () => {
    for (const key of ['r-a', 'r-b', 'r-\u{10000}', 'r-\uffee', 'r-c']) await submit('put', key, '1');
    expect(await evaluate('range', 'r-a', 'r-c')).toBe('r-a=1,r-b=1');
    expect(await evaluate('range', 'r-b', 's')).toBe('r-b=1,r-c=1,r-\uffee=1,r-\u{10000}=1');
    expect(await evaluate('range', 'r-x', 'r-y')).toBe('');
  });

  test('ranges longer than a batch come whole', async () => {
    await submit('putMany', 'many-', '250');
    expect((await evaluate('range', 'many-', 'many-~')).split(',')).toHaveLength(250);
  });

  test('composite keys are apart from plain ones', async () => {
    await submit('putComposite', 'entry', 'p1,x', '1');
    await submit('putComposite', 'entry', 'p1,y', '2');
    await submit('putComposite', 'entry', 'p10,x', '3');
    expect(await evaluate('composites', 'entry', 'p1')).toBe('p1/x=1,p1/y=2');
    expect(await evaluate('composites', 'entry', '')).toBe('p1/x=1,p1/y=2,p10/x=3');
    expect(await evaluate('range', '', '')).not.toContain('entry');
  });

  test('pages end with the bookmark of the next', async () => {
    await submit('putMany', 'page-', '5');
    const first = await parsed('page', 'page-', 'page-~', '2', '');
    expect(first).toEqual({ keys: ['page-00000', 'page-00001'], bookmark: 'page-00002', count: 2 });
    const second = await parsed('page', 'page-', 'page-~', '2', 'page-00002');
    expect(second).toEqual({ keys: ['page-00002', 'page-00003'], bookmark: 'page-00004', count: 2 });
    const last = await parsed('page', 'page-', 'page-~', '2', 'page-00004');
    expect(last).toEqual({ keys: ['page-00004'], bookmark: '', count: 1 });
  });

  test('a transaction with a page may not write', async () => {
    await expect(evaluate('pageAndPut', 'a', 'b')).rejects.toThrow(/already performed a paginated query/);
  });

  test('history is newest first and tells of deletes', async () => {
    await submit('put', 'life', 'one');
    await submit('put', 'life', 'two');
    await submit('remove', 'life');
    await submit('put', 'life', 'three');
    await client.transact('main', 'sample', ['put', 'life', 'never'], ['AlphaMSP']);
    const history = JSON.parse(await evaluate('history', 'life')) as { value: string; isDelete: boolean }[];
    expect(history.map(({ value, isDelete }) => [value, isDelete])).toEqual([
      ['three', false],
      ['', true],
      ['two', false],
      ['one', false],
    ]);
    expect(await evaluate('history', 'lif')).toBe('[]');
  });

  test('another chaincode of the channel is called in the same transaction', async () => {
    const answer = await parsed('invoke', 'other', 'whoAmI');
    expect(answer).toMatchObject({ status: 200 });
    expect(answer['payload']).toMatch(/^AlphaMSP [0-9a-f]{64} main$/);
    // Its policy counts too: a write into it needs Gamma.
    const call = ['invoke', 'other', 'put,k,v'];
    expect(await client.transact('main', 'sample', call, ['AlphaMSP', 'GammaMSP'])).toBe(
      validationCode.VALID,
    );
    const without = await client.propose('main', 'sample', ['invoke', 'other', 'put,k,v']);
    const envelope = await client.signEnvelope(await client.endorse(without, ['AlphaMSP', 'BetaMSP']));
    await client.submit('main', envelope);
    expect((await client.commitStatus('main', without.id)).result).toBe(
      validationCode.ENDORSEMENT_POLICY_FAILURE,
    );
  });

  test('a transaction reads the definition of its chaincode, as it was committed last', async () => {
    const envelope = await client.endorse(await client.propose('main', 'sample', ['get', 'nothing']));
    const [definition, own] = parseReadWriteSet(openTransaction(envelope).action.results);
    expect(definition).toMatchObject({
      namespace: '_lifecycle',
      set: { reads: [{ key: 'namespaces/fields/sample/Sequence' }] },
    });
    expect(own).toMatchObject({
      namespace: 'sample',
      set: { reads: [{ key: 'nothing', version: undefined }] },
    });
  });

  test('a caller that touches no state of its own is not endorsed for its own policy, as on a peer', async () => {
    expect(await client.transact('main', 'sample', ['invoke', 'other', 'put,k,v'])).toBe(
      validationCode.ENDORSEMENT_POLICY_FAILURE,
    );
  });

  test('a chaincode of another channel is read, and what it writes there is dropped', async () => {
    await client.transact('narrow', 'sample', ['put', 'there', '1']);
    expect(await evaluate('invokeElsewhere', 'narrow', 'sample', 'get,there')).toBe('1');
    const writing = ['invokeElsewhere', 'narrow', 'sample', 'put,there,2'];
    expect(await client.transact('main', 'sample', writing)).toBe(validationCode.VALID);
    expect(await evaluate('invokeElsewhere', 'narrow', 'sample', 'get,there')).toBe('1');
    const gamma = await network.raw('GammaMSP');
    await expect(
      gamma.evaluate(
        await gamma.propose('main', 'sample', ['invokeElsewhere', 'narrow', 'sample', 'get,there']),
      ),
    ).rejects.toThrow('Failed to get policy manager for channel [narrow]');
  });

  test.each([
    [['richQuery'], 'ExecuteQuery not supported for leveldb'],
    [['invoke', 'nobody', 'get,a'], /execute failed: .*chaincode nobody not found/],
    [['invoke', 'sample', 'get,a'], 'exists'],
  ])('%s is refused in clear words', async (args, reason) => {
    await expect(evaluate(...args)).rejects.toThrow(reason);
  });
});
