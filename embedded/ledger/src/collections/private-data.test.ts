import { prepareEmbedded } from '@medigraph/network';
import { ClassicLevel } from 'classic-level';
import path from 'node:path';
import { sha256 } from '../crypto/hash.js';
import { type RawClient } from '../testing/raw-client.js';
import { testDescription, TestNetwork } from '../testing/test-network.js';
import { validationCode } from '../wire/transaction.js';

const prepare = async (folder: string) => (await prepareEmbedded(testDescription, folder)).ledgerFile;

describe('private data', () => {
  let network: TestNetwork;
  let alpha: RawClient;
  let gamma: RawClient;
  beforeAll(async () => {
    network = await TestNetwork.start({ prepare });
    alpha = await network.raw('AlphaMSP');
    gamma = await network.raw('GammaMSP');
  });
  afterAll(() => network.close());

  const members = ['AlphaMSP', 'BetaMSP'];
  const ask = async (client: RawClient, at: string, ...args: string[]) =>
    client.evaluate(await client.propose('main', 'sample', args), [at]);
  const transact = (endorsers: string[], ...args: string[]) =>
    alpha.transact('main', 'sample', args, endorsers);
  const notAvailable = /private data matching public hash version is not available/;

  test.each([
    ['an explicit collection', 'shared', members],
    ['an implicit collection', '_implicit_org_AlphaMSP', ['AlphaMSP']],
  ])('%s is kept by its members alone; its hash by all', async (_kind, collection, holders) => {
    expect(await transact(members, 'putPrivate', collection, 'key', 'secret')).toBe(validationCode.VALID);
    for (const mspId of ['AlphaMSP', 'BetaMSP', 'GammaMSP']) {
      const answer = ask(alpha, mspId, 'getPrivate', collection, 'key');
      if (holders.includes(mspId)) expect(await answer).toBe('secret');
      else await expect(answer).rejects.toThrow(notAvailable);
      expect(await ask(gamma, mspId, 'privateRange', collection, '', '')).toBe(
        holders.includes(mspId) ? 'key=secret' : '',
      );
      expect(await ask(gamma, mspId, 'privateHash', collection, 'key')).toBe(
        sha256(Buffer.from('secret')).toString('hex'),
      );
    }
  });

  test('what waits for its block survives a restart of the ledger, and goes to every member', async () => {
    const proposal = await alpha.propose('main', 'sample', ['putPrivate', 'shared', 'late', 'kept']);
    const envelope = await alpha.signEnvelope(await alpha.endorse(proposal, members));
    await network.stopLedger();
    await network.startLedger();
    alpha = await network.raw('AlphaMSP');
    gamma = await network.raw('GammaMSP');
    await alpha.submit('main', envelope);
    expect((await alpha.commitStatus('main', proposal.id)).result).toBe(validationCode.VALID);
    expect(await ask(alpha, 'AlphaMSP', 'getPrivate', 'shared', 'late')).toBe('kept');
    expect(await ask(alpha, 'BetaMSP', 'getPrivate', 'shared', 'late')).toBe('kept');
  });

  test('data that was handed to no member is lost, and its hash is committed', async () => {
    // Gamma endorses for `lone`, is no member of it, and may hand nothing on.
    expect(await transact(['GammaMSP'], 'putPrivate', 'lone', 'key', 'gone')).toBe(validationCode.VALID);
    for (const mspId of ['AlphaMSP', 'BetaMSP', 'GammaMSP'])
      await expect(ask(alpha, mspId, 'getPrivate', 'lone', 'key')).rejects.toThrow(notAvailable);
    expect(await ask(alpha, 'AlphaMSP', 'privateHash', 'lone', 'key')).toBe(
      sha256(Buffer.from('gone')).toString('hex'),
    );
    // Written again where a member endorses, too, it is there.
    expect(await transact([...members, 'GammaMSP'], 'putPrivate', 'lone', 'key', 'here')).toBe(
      validationCode.VALID,
    );
    expect(await ask(alpha, 'BetaMSP', 'getPrivate', 'lone', 'key')).toBe('here');
  });

  test('nothing of a purged or expired value stays in the store', async () => {
    const secret = 'a value that must be forgotten';
    await transact(members, 'putPrivate', 'shared', 'regretted', `${secret} 1`);
    await transact(members, 'putPrivate', 'shared', 'regretted', `${secret} 2`);
    await transact(members, 'putPrivate', 'passing', 'short', `${secret} 3`);
    await transact(members, 'purgePrivate', 'shared', 'regretted');
    await transact(members, 'put', 'pass', '1');
    await transact(members, 'put', 'pass', '2');
    await transact(members, 'put', 'pass', '3');
    await network.stopLedger();
    const level = new ClassicLevel<Buffer, Buffer>(path.join(network.dataFolder, 'main', 'store'), {
      keyEncoding: 'buffer',
      valueEncoding: 'buffer',
    });
    const found: string[] = [];
    // Arguments of a transaction are in its block: what is private must come as transient data.
    for await (const [key, value] of level.iterator())
      if (value.includes(secret) && key[0] !== 'd'.charCodeAt(0)) found.push(key.toString());
    await level.close();
    await network.startLedger();
    alpha = await network.raw('AlphaMSP');
    gamma = await network.raw('GammaMSP');
    expect(found).toEqual([]);
    expect(await ask(alpha, 'AlphaMSP', 'privateHash', 'shared', 'regretted')).toBe('');
    expect(await ask(alpha, 'AlphaMSP', 'privateHash', 'passing', 'short')).toBe('');
  });

  test('an organisation that is no member finds nothing of the value below its name in the store', async () => {
    await transact(members, 'putPrivate', 'shared', 'apart', 'for members alone');
    await network.stopLedger();
    const level = new ClassicLevel<Buffer, Buffer>(path.join(network.dataFolder, 'main', 'store'), {
      keyEncoding: 'buffer',
      valueEncoding: 'buffer',
    });
    const holders = new Set<string>();
    for await (const [key, value] of level.iterator())
      if (value.includes('for members alone') && 'pw'.includes(String.fromCharCode(key[0] ?? 0)))
        holders.add(key.toString('utf8', 1, key.indexOf(0, 1)));
    await level.close();
    await network.startLedger();
    alpha = await network.raw('AlphaMSP');
    gamma = await network.raw('GammaMSP');
    expect([...holders].sort()).toEqual(members);
  });
});
