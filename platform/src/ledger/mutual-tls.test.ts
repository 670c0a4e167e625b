import path from 'node:path';
import { readNetworkDescription } from '@medigraph/network';
import { openKeyCustody, SealedStore } from '../identity/index.js';
import { EmbeddedNetwork } from '../testing/embedded-network.js';
import { temporaryFolder } from '../testing/temporary-folder.js';
import { connectLedger, type ConnectionProfile, type LedgerClient } from './index.js';

const folder = temporaryFolder();
let network: EmbeddedNetwork;

beforeAll(async () => {
  const { organizations } = await readNetworkDescription();
  network = await EmbeddedNetwork.start(folder, {
    tls: 'mutual',
    organizations: organizations.map((each) =>
      each.mspId === 'PatientsMSP' ? { ...each, peers: ['peer0', 'peer1'] } : each,
    ),
  });
});

afterAll(() => network.stop());

const withLedger = async (profile: ConnectionProfile, work: (ledger: LedgerClient) => Promise<void>) => {
  const ledger = connectLedger(profile);
  try {
    await work(ledger);
  } finally {
    await ledger.close();
  }
};

async function registration(name: string) {
  const store = await SealedStore.open({ folder: path.join(folder, name) });
  const custody = openKeyCustody({ store, profile: network.profile });
  const { identity, encryptionKey } = await custody.enrol('PatientsMSP');
  return {
    channel: 'care',
    chaincode: network.profile.channels['care']?.suites['care'] ?? '',
    contract: 'Registration',
    transaction: 'RegisterPatient',
    argument: { patientIdHash: custody.keyedHash('patient', identity.address), encryptionKey },
    signer: identity,
  };
}

/** The profile with other peers, or another client, of the organisation that enrols patients. */
function changed(
  change: (
    organization: ConnectionProfile['organizations'][string],
  ) => ConnectionProfile['organizations'][string],
): ConnectionProfile {
  const patients = network.profile.organizations['PatientsMSP'];
  if (!patients) throw new Error('no organisation enrols patients');
  return {
    ...network.profile,
    organizations: { ...network.profile.organizations, PatientsMSP: change(patients) },
  };
}

test('transactions and blocks go over mutual TLS', async () => {
  const request = await registration('works');
  await withLedger(network.profile, async (ledger) => {
    const { transaction } = await ledger.submit(request);
    const abort = new AbortController();
    for await (const { number, transactions } of ledger.blocks('care', transaction.block, abort.signal)) {
      expect(number).toBe(transaction.block);
      expect(transactions.map(({ id }) => id)).toContain(transaction.id);
      break;
    }
    abort.abort();
  });
});

test('another peer of the organisation takes over', async () => {
  const [first, second] = network.profile.organizations['PatientsMSP']?.peers ?? [];
  expect(first?.address).not.toBe(second?.address);
  const request = await registration('takes-over');
  const profile = changed((organization) => ({
    ...organization,
    peers: [{ ...organization.peers[0], address: '127.0.0.1:9' }, ...organization.peers.slice(1)],
  }));
  await withLedger(profile, async (ledger) => {
    expect((await ledger.submit(request)).transaction.block).toBeGreaterThan(0);
  });
});

test.each([
  [
    'without a certificate of its own',
    () =>
      changed(({ client: { certificate, privateKey }, ...organization }) => ({
        ...organization,
        client: { certificate, privateKey },
      })),
    'No connection established',
  ],
  [
    'that trusts another authority',
    () =>
      changed((organization) => ({
        ...organization,
        peers: organization.peers.map((peer) => ({
          ...peer,
          tlsCaCertificate: network.profile.organizations['HospitalAMSP']?.peers[0]?.tlsCaCertificate,
        })),
      })),
    'certificate',
  ],
  [
    'in plain text',
    () =>
      changed((organization) => ({
        ...organization,
        peers: organization.peers.map(({ address }) => ({ address })),
      })),
    '',
  ],
])('a client %s is told that it does not get through', async (name, profile, reason) => {
  const request = await registration(name);
  await withLedger(profile(), async (ledger) => {
    await expect(ledger.submit(request)).rejects.toMatchObject({
      code: 'LEDGER_UNAVAILABLE',
      message: expect.stringContaining(reason) as string,
    });
  });
});
