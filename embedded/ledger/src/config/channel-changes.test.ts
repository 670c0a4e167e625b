import 'reflect-metadata';
import { AuthorityKeyIdentifierExtension, X509Certificate, X509CrlGenerator } from '@peculiar/x509';
import { common, msp, orderer } from '@hyperledger/fabric-protos';
import { prepareEmbedded } from '@medigraph/network';
import { createPrivateKey, webcrypto, X509Certificate as NodeCertificate } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { changeChannel, configurationOf, groupIn, setValue } from '../testing/channel-administration.js';
import { testDescription, TestNetwork } from '../testing/test-network.js';
import { validationCode } from '../wire/transaction.js';

const prepare = async (folder: string) => (await prepareEmbedded(testDescription, folder)).ledgerFile;
const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const newest = { newest: {}, oldest: undefined, specified: undefined, nextCommit: undefined };
const members = ['AlphaMSP', 'BetaMSP'] as const;

/** Blocks of so many transactions, which wait so long to fill. */
function batches(channel: common.ConfigGroup, maxMessageCount: number, timeout: string): void {
  const size = new orderer.BatchSize();
  size.setMaxMessageCount(maxMessageCount);
  size.setAbsoluteMaxBytes(1_048_576);
  size.setPreferredMaxBytes(524_288);
  const wait = new orderer.BatchTimeout();
  wait.setTimeout(timeout);
  const group = groupIn(channel, 'Orderer');
  setValue(group, 'BatchSize', size.serializeBinary());
  setValue(group, 'BatchTimeout', wait.serializeBinary());
}

/** Revokes a certificate in the organisation's part of the configuration, as its authority. */
async function revoke(network: TestNetwork, pem: Uint8Array): Promise<Uint8Array> {
  const folder = 'organizations/peerOrganizations/alpha.example/ca';
  const authority = new X509Certificate(
    await readFile(network.material(folder, 'ca.alpha.example-cert.pem'), 'utf8'),
  );
  const key = createPrivateKey(await readFile(network.material(folder, 'priv_sk'), 'utf8'));
  const list = await X509CrlGenerator.create({
    issuer: authority.subject,
    thisUpdate: new Date(),
    nextUpdate: new Date(Date.now() + 86_400_000),
    signingAlgorithm: algorithm,
    signingKey: await webcrypto.subtle.importKey(
      'pkcs8',
      key.export({ format: 'der', type: 'pkcs8' }),
      algorithm,
      false,
      ['sign'],
    ),
    entries: [{ serialNumber: new NodeCertificate(pem).serialNumber, revocationDate: new Date() }],
    extensions: [await AuthorityKeyIdentifierExtension.create(authority)],
  });
  return Buffer.from(list.toString('pem'));
}

describe('a channel whose configuration changes', () => {
  let network: TestNetwork;
  beforeAll(async () => {
    network = await TestNetwork.start({ prepare });
  });
  afterAll(() => network.close());

  test('refuses, with its words, what Fabric does not know or what only its orderers may say', async () => {
    const capability = (name: string) => (channel: common.ConfigGroup) => {
      const value = new common.Capabilities();
      value.getCapabilitiesMap().set(name, new common.Capability());
      setValue(groupIn(channel, 'Application'), 'Capabilities', value.serializeBinary());
    };
    expect(await changeChannel(network, 'narrow', members, capability('V9_9'))).toEqual({
      status: 400,
      info: expect.stringContaining('Application capability V9_9 is required but not supported') as string,
    });
    expect(await changeChannel(network, 'narrow', members, (channel) => batches(channel, 10, '1s'))).toEqual({
      status: 400,
      info: expect.stringContaining('not satisfied: implicit policy evaluation failed') as string,
    });
    expect(
      await changeChannel(network, 'narrow', ['OrdererMSP'], (channel) => batches(channel, 10, 'soon')),
    ).toEqual({
      status: 400,
      info: expect.stringContaining(
        'could not create channel Orderer sub-group config: Attempted to set the batch timeout to a invalid value: time: invalid duration "soon"',
      ) as string,
    });
    expect(
      await changeChannel(network, 'narrow', ['OrdererMSP'], (channel) => {
        const type = new orderer.ConsensusType();
        type.setType('BFT');
        setValue(groupIn(channel, 'Orderer'), 'ConsensusType', type.serializeBinary());
      }),
    ).toEqual({
      status: 400,
      info: expect.stringContaining('attempted to change consensus type from etcdraft to BFT') as string,
    });
  });

  test('waits no longer for a block to fill than the network allows, whatever the channel says', async () => {
    const { status } = await changeChannel(network, 'narrow', ['OrdererMSP'], (channel) =>
      batches(channel, 500, '10m'),
    );
    expect(status).toBe(200);
    const client = await network.raw();
    // Alone in its block: without the bound it would wait for ten minutes.
    expect(await client.transact('narrow', 'sample', ['put', 'prompt', '1'])).toBe(validationCode.VALID);
  });

  test('refuses who is revoked in it from the next moment on', async () => {
    const { identity } = await network.user('AlphaMSP');
    const client = await network.raw();
    expect(await client.transact('narrow', 'sample', ['put', 'revoked', '0'])).toBe(validationCode.VALID);
    const waiting = await client.signEnvelope(
      await client.endorse(await client.propose('narrow', 'sample', ['put', 'revoked', '1'])),
    );
    const list = await revoke(network, identity.credentials);
    const answer = await changeChannel(network, 'narrow', members, (channel) => {
      const group = groupIn(channel, 'Application', 'AlphaMSP');
      const value = msp.MSPConfig.deserializeBinary(
        group.getValuesMap().get('MSP')?.getValue_asU8() ?? new Uint8Array(),
      );
      const config = msp.FabricMSPConfig.deserializeBinary(value.getConfig_asU8());
      config.setRevocationListList([list]);
      value.setConfig(config.serializeBinary());
      setValue(group, 'MSP', value.serializeBinary());
    });
    expect(answer.status).toBe(200);
    await expect(
      client.propose('narrow', 'sample', ['whoAmI']).then((p) => client.evaluate(p)),
    ).rejects.toThrow('access denied');
    expect((await client.broadcast(waiting)).status).toBe(403);
    expect(await client.deliver('narrow', { start: newest, stop: newest })).toMatchObject([{ status: 403 }]);
    // Other channels have not heard of it.
    expect(await client.transact('main', 'sample', ['put', 'elsewhere', '1'], ['AlphaMSP', 'BetaMSP'])).toBe(
      validationCode.VALID,
    );
  });

  test('has nothing more for an organisation that is removed, and is the same after a restart', async () => {
    const gamma = await network.raw('GammaMSP');
    expect(await gamma.transact('main', 'sample', ['put', 'gamma', '1'], ['BetaMSP', 'GammaMSP'])).toBe(
      validationCode.VALID,
    );
    const answer = await changeChannel(network, 'main', members, (channel) => {
      groupIn(channel, 'Application').getGroupsMap().del('GammaMSP');
    });
    expect(answer.status).toBe(200);
    const refusesGamma = async () => {
      const client = await network.raw('GammaMSP', undefined, 'AlphaMSP');
      await expect(
        client.propose('main', 'sample', ['whoAmI']).then((proposal) => client.evaluate(proposal)),
      ).rejects.toThrow('creator org unknown');
      expect(await client.deliver('main', { start: newest, stop: newest })).toMatchObject([{ status: 403 }]);
    };
    await refusesGamma();
    const before = await configurationOf(network, 'main');
    await network.stopLedger();
    await network.reopenLedger();
    const after = await configurationOf(network, 'main');
    expect(after.toObject()).toEqual(before.toObject());
    await refusesGamma();
    expect((await network.ledger.verify()).map(({ broken }) => broken)).toEqual([undefined, undefined]);
  });
});

test('a block waits to fill as long as its channel says, where the network has no bound of its own', async () => {
  const network = await TestNetwork.start({
    prepare: async (folder) => {
      const file = await prepare(folder);
      const { orderer: settings, ...rest } = JSON.parse(await readFile(file, 'utf8')) as {
        orderer: Record<string, unknown>;
      };
      const { mostBatchTimeoutMs: _, ...unbounded } = settings;
      await writeFile(file, JSON.stringify({ ...rest, orderer: unbounded }));
      return file;
    },
  });
  try {
    await changeChannel(network, 'narrow', ['OrdererMSP'], (channel) => batches(channel, 2, '10m'));
    const client = await network.raw();
    const submit = async (key: string) => {
      const proposal = await client.propose('narrow', 'sample', ['put', key, '1']);
      await client.submit('narrow', await client.signEnvelope(await client.endorse(proposal)));
      return client.commitStatus('narrow', proposal.id);
    };
    const [one, two] = await Promise.all([submit('one'), submit('two')]);
    expect([one.result, two.result]).toEqual([validationCode.VALID, validationCode.VALID]);
    expect(one.blockNumber).toBe(two.blockNumber);
  } finally {
    await network.close();
  }
});
