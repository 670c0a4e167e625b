import { prepareEmbedded } from '@medigraph/network';
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
});
