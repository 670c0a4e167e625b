import { deployEmbedded, embeddedEndpoints, prepareEmbedded } from '@medigraph/network';
import { ClassicLevel } from 'classic-level';
import path from 'node:path';
import { testDescription, TestNetwork } from '../testing/test-network.js';
import { validationCode } from '../wire/transaction.js';

const prepare = async (folder: string) => (await prepareEmbedded(testDescription, folder)).ledgerFile;

describe('chaincodes by their lifecycle', () => {
  let network: TestNetwork;
  beforeAll(async () => {
    network = await TestNetwork.start({ prepare });
  });
  afterAll(() => network.close());

  const deploy = async (description: typeof testDescription) =>
    deployEmbedded(
      description,
      network.material('organizations'),
      await embeddedEndpoints(description, network.material('organizations'), network.ledger.nodes),
    );

  test('what is agreed on already is left alone', async () => {
    const before = network.ledger.heights();
    await deploy(testDescription);
    expect(network.ledger.heights()).toEqual(before);
  });

  test('a policy that has changed is agreed on anew, and holds over a restart', async () => {
    const client = await network.raw();
    const put = (organizations: string[]) =>
      client.transact('main', 'sample', ['put', 'k', '1'], organizations);
    expect(await put(['AlphaMSP'])).toBe(validationCode.ENDORSEMENT_POLICY_FAILURE);
    const [main, narrow] = testDescription.channels;
    const [sample, other] = main?.suites ?? [];
    if (!main || !narrow || !sample || !other) throw new Error('the test network has other channels');
    const changed = { ...sample, endorsementPolicy: "OR('AlphaMSP.peer')" };
    await deploy({ ...testDescription, channels: [{ ...main, suites: [changed, other] }, narrow] });
    expect(await put(['AlphaMSP'])).toBe(validationCode.VALID);
    expect(await put(['BetaMSP'])).toBe(validationCode.ENDORSEMENT_POLICY_FAILURE);
  });

  test('a store that has none of it is refused, and says what to do', async () => {
    await network.stopLedger();
    const level = new ClassicLevel<Buffer, Buffer>(path.join(network.dataFolder, 'main', 'store'), {
      keyEncoding: 'buffer',
      valueEncoding: 'buffer',
    });
    await level.put(Buffer.from('mformat'), Buffer.from('1'));
    await level.close();
    await expect(network.startLedger()).rejects.toMatchObject({
      code: 'LEDGER_FORMAT',
      message: expect.stringContaining('begin anew') as string,
    });
  });
});
