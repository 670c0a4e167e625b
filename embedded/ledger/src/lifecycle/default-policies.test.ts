import { common } from '@hyperledger/fabric-protos';
import { prepareEmbedded } from '@medigraph/network';
import { readFile, writeFile } from 'node:fs/promises';
import { configurationIn } from '../config/config-block.js';
import { ChannelConfig } from '../config/channel-config.js';
import { MspCache } from '../config/msp-cache.js';
import { dataHash } from '../store/block.js';
import { readLedgerNetwork } from '../network.js';
import { testDescription, TestNetwork } from '../testing/test-network.js';
import { validationCode } from '../wire/transaction.js';

const envelopesOf = (block: common.Block) =>
  (block.getData()?.getDataList_asU8() ?? []).map((envelope) => Buffer.from(envelope));

/** A first block without any policy of who endorses: channels from before there was such a policy have none. */
function withoutEndorsementPolicies(bytes: Buffer): Uint8Array {
  const block = common.Block.deserializeBinary(bytes);
  const [first] = envelopesOf(block);
  if (first === undefined) throw new Error('the block is empty');
  const envelope = common.Envelope.deserializeBinary(first);
  const payload = common.Payload.deserializeBinary(envelope.getPayload_asU8());
  const configuration = common.ConfigEnvelope.deserializeBinary(payload.getData_asU8());
  const application = configuration.getConfig()?.getChannelGroup()?.getGroupsMap().get('Application');
  if (application === undefined) throw new Error('the channel has no application group');
  const organizations = [...application.getGroupsMap().entries()].map(([, group]) => group);
  for (const group of [application, ...organizations])
    for (const policy of ['LifecycleEndorsement', 'Endorsement']) group.getPoliciesMap().del(policy);
  payload.setData(configuration.serializeBinary());
  envelope.setPayload(payload.serializeBinary());
  const data = new common.BlockData();
  data.setDataList([envelope.serializeBinary()]);
  block.setData(data);
  block.getHeader()?.setDataHash(dataHash(envelopesOf(block)));
  return block.serializeBinary();
}

async function prepare(folder: string): Promise<string> {
  const { ledgerFile } = await prepareEmbedded(testDescription, folder);
  const { channels } = await readLedgerNetwork(ledgerFile);
  for (const { genesis } of Object.values(channels))
    await writeFile(genesis, withoutEndorsementPolicies(await readFile(genesis)));
  return ledgerFile;
}

describe('a channel that does not say who endorses', () => {
  let network: TestNetwork;
  beforeAll(async () => {
    network = await TestNetwork.prepare({ prepare });
  });
  afterAll(() => network.close());

  test.each([
    ['main', ['AlphaMSP', 'BetaMSP', 'GammaMSP']],
    ['narrow', ['AlphaMSP', 'BetaMSP']],
  ])('has chaincodes of %s defined by a member of most organisations', async (channel, mspIds) => {
    const { channels } = await readLedgerNetwork(network.description);
    const block = common.Block.deserializeBinary(await readFile(channels[channel]?.genesis ?? ''));
    const { config } = configurationIn({ envelopes: envelopesOf(block) });
    const { lifecycleEndorsement } = await ChannelConfig.open(channel, config, new MspCache());
    expect(lifecycleEndorsement.principals).toHaveLength(mspIds.length);
    expect(lifecycleEndorsement.principals).toEqual(
      expect.arrayContaining(mspIds.map((mspId) => ({ mspId, role: 'member' }))),
    );
    expect(lifecycleEndorsement.rule).toEqual({ n: 2, rules: mspIds.map((_, signedBy) => ({ signedBy })) });
  });

  test('agrees on chaincodes and runs them', async () => {
    await network.startLedger();
    const client = await network.raw();
    const put = (organizations: string[]) =>
      client.transact('main', 'sample', ['put', 'k', '1'], organizations);
    expect(await put(['AlphaMSP', 'BetaMSP'])).toBe(validationCode.VALID);
    expect(await put(['AlphaMSP'])).toBe(validationCode.ENDORSEMENT_POLICY_FAILURE);
  });
});
