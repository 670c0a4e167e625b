import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Consensus } from '../channel/initial-channel.js';
import { type NetworkDescription } from '../description.js';
import { onLoopback } from '../topology/places.js';
import { topologyOf } from '../topology/topology.js';
import { findFabricBinaries } from './binaries.js';
import { FabricBinariesMissingError } from './errors.js';
import { OrdererAdmin } from './orderer-admin.js';
import { assignPorts } from './ports.js';
import { type NativeNetwork, startNative } from './start-native.js';
import { SampleClient } from './testing/sample-client.js';
import { sampleChaincodes, sampleDescription } from './testing/sample-network.js';
import { until } from './until.js';

const binaries = await findFabricBinaries().catch((error: unknown) => {
  if (error instanceof FabricBinariesMissingError) return undefined;
  throw error;
});
// Without Fabric's programs on this machine the trials below are reported as skipped.
const describeWithFabric = binaries ? describe : describe['skip'];

const channel = 'care';
/** Milliseconds: SmartBFT takes up to half a minute to agree on another leader. */
const trialTimeout = 180_000;
const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('utf8');

describeWithFabric.each<[Consensus, number]>([
  ['etcdraft', 3],
  ['smartbft', 4],
])('an ordering service of %s with %i nodes', (consensus, count) => {
  const nodes = Array.from({ length: count }, (_, index) => `orderer${index}`);
  const description: NetworkDescription = {
    ...sampleDescription,
    orderer: { ...sampleDescription.orderer, nodes, consensus },
  };
  let folder: string;
  let network: NativeNetwork;
  let client: SampleClient;
  const admins = new Map<string, OrdererAdmin>();

  beforeAll(async () => {
    if (!binaries) throw new Error('no binaries');
    folder = await mkdtemp(path.join(tmpdir(), `medigraph-${consensus}-`));
    network = await startNative({ description, folder, binaries, chaincodes: sampleChaincodes });
    client = await SampleClient.of('HospitalAMSP', network);
    const places = onLoopback(folder, path.join(folder, 'organizations'), await assignPorts(folder, []));
    const { orderer } = topologyOf(description, places);
    for (const { name, host, adminPort, tlsCa } of orderer.nodes) {
      const files = {
        certificate: path.join(orderer.adminTls, 'client.crt'),
        privateKey: path.join(orderer.adminTls, 'client.key'),
      };
      admins.set(name, await OrdererAdmin.open({ host, port: adminPort, tlsCaCertificate: tlsCa, ...files }));
    }
  }, trialTimeout);

  afterAll(async () => {
    for (const admin of admins.values()) admin.close();
    client.close();
    await network.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const submit = async (key: string) => {
    // A submit that meets the election of a leader may be refused; nothing of it is on the ledger then.
    await until(`submit of ${key}`, 60_000, () =>
      client.contract(channel).submitTransaction('put', key, 'written'),
    );
  };

  // Each in its turn, so that the leader is among them.
  it.each(nodes)(
    'goes on without %s, which catches up when it is back',
    async (short) => {
      const name = `${short}.${description.orderer.domain}`;
      const admin = admins.get(name);
      if (!admin) throw new Error(`no administrator of ${name}`);
      await submit(`${short}/before`);
      await network.takeDown(name);
      const keys = Array.from({ length: 10 }, (_, index) => `${short}/${index}`);
      for (const key of keys) await submit(key);
      for (const key of keys) {
        expect(text(await client.contract(channel).evaluateTransaction('get', key))).toBe('written');
      }
      await network.bringBack(name);
      await submit(`${short}/after`);
      const others = [...admins].filter(([other]) => other !== name);
      const height = Math.max(...(await Promise.all(others.map(([, other]) => other.height(channel)))));
      expect(height).toBeGreaterThan(keys.length);
      await until(`${name} catches up`, 60_000, async () =>
        expect(await admin.height(channel)).toBeGreaterThanOrEqual(height),
      );
    },
    trialTimeout,
  );
});
