import { common } from '@hyperledger/fabric-protos';
import { readLedgerNetwork } from '@medigraph/embedded-ledger';
import { connectionProfile } from '@medigraph/platform/ledger';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { connectionProfileOf } from '../connection-profile.js';
import { readNetworkDescription, type NetworkDescription } from '../description.js';
import { prepareEmbedded } from './prepare.js';

describe('the embedded network', () => {
  let folder: string;
  let description: NetworkDescription;
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'medigraph-embedded-'));
    description = await readNetworkDescription();
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test('is made once, and described anew each time', async () => {
    const { material } = await prepareEmbedded(description, folder);
    const key = path.join(
      material,
      'peerOrganizations',
      description.organizations[0]?.domain ?? '',
      'ca',
      'priv_sk',
    );
    const before = await readFile(key, 'utf8');
    const [channel, ...others] = description.channels;
    const [suite, ...kept] = channel?.suites ?? [];
    const changed = { ...suite, endorsementPolicy: "'HospitalAMSP.peer'" };
    await prepareEmbedded(
      {
        ...description,
        channels: [{ ...channel, suites: [changed, ...kept] }, ...others],
      } as NetworkDescription,
      folder,
    );
    expect(await readFile(key, 'utf8')).toBe(before);
  });

  test('begins each channel with a block that names its organisations', async () => {
    await prepareEmbedded(description, folder);
    const file = path.join(folder, 'channel-artifacts', 'claims-insurer-a.block');
    const block = common.Block.deserializeBinary(await readFile(file));
    const [envelope] = block.getData()?.getDataList_asU8() ?? [];
    const payload = common.Payload.deserializeBinary(
      common.Envelope.deserializeBinary(envelope ?? new Uint8Array()).getPayload_asU8(),
    );
    const config = common.ConfigEnvelope.deserializeBinary(payload.getData_asU8()).getConfig();
    const groups = config?.getChannelGroup()?.getGroupsMap();
    const organizations = groups?.get('Application')?.getGroupsMap().keys();
    expect([...(organizations ?? [])].sort()).toEqual(
      ['HospitalAMSP', 'HospitalBMSP', 'InsurerAMSP', 'PatientsMSP', 'RegulatorMSP'].sort(),
    );
    expect([...(groups?.get('Orderer')?.getGroupsMap().keys() ?? [])]).toEqual(['OrdererMSP']);
  });

  test('is reached through a profile that the platform reads', async () => {
    const { material } = await prepareEmbedded(description, folder);
    const peers = Object.fromEntries(
      description.organizations.map(({ mspId }) => [mspId, [{ address: '127.0.0.1:7051' }]]),
    );
    const profile = await connectionProfileOf(description, material, peers);
    expect(connectionProfile.parse(profile)).toEqual(profile);
  });

  test('is described as the embedded ledger reads it', async () => {
    const { ledgerFile } = await prepareEmbedded(description, folder);
    const network = await readLedgerNetwork(ledgerFile);
    expect(Object.keys(network.organizations)).toEqual(description.organizations.map(({ mspId }) => mspId));
    expect(network.channels['care']?.organizations).toContain('PatientsMSP');
  });

  test('is not made over another', async () => {
    await prepareEmbedded(description, folder);
    const fewer = { ...description, channels: description.channels.slice(1) };
    await expect(prepareEmbedded(fewer, folder)).rejects.toMatchObject({
      code: 'NETWORK_CHANGE_REFUSED',
    });
  });
});
