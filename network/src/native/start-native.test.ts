import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { findFabricBinaries } from './binaries.js';
import { FabricBinariesMissingError } from './errors.js';
import { type NativeNetwork, startNative } from './start-native.js';
import { nativeLogs, nativeStatus, stopNative } from './status.js';
import { SampleClient } from './testing/sample-client.js';
import { sampleChaincodes, sampleDescription } from './testing/sample-network.js';
import { until } from './until.js';

const binaries = await findFabricBinaries().catch((error: unknown) => {
  if (error instanceof FabricBinariesMissingError) return undefined;
  throw error;
});
// Without Fabric's programs on this machine the tests below are reported as skipped.
const describeWithFabric = binaries ? describe : describe['skip'];

const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('utf8');

describeWithFabric('startNative', () => {
  let folder: string;
  let network: NativeNetwork;
  const notices: string[] = [];
  const start = () => {
    if (!binaries) throw new Error('no binaries');
    return startNative({
      description: sampleDescription,
      folder: path.join(folder, 'network'),
      binaries,
      chaincodes: sampleChaincodes,
      onNotice: (message) => notices.push(message),
    });
  };

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'medigraph-native-'));
    network = await start();
  });

  afterAll(async () => {
    await network.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it('commits under the endorsement policy, and every member sees it', async () => {
    const hospital = await SampleClient.of('HospitalAMSP', network);
    const insurer = await SampleClient.of('InsurerBMSP', network);
    await hospital.contract('care').submitTransaction('put', 'patient', 'registered');
    // The other peer commits the block on its own time: a submit through it comes after.
    await insurer.contract('care').submitTransaction('put', 'insurer', 'there');
    expect(text(await insurer.contract('care').evaluateTransaction('get', 'patient'))).toBe('registered');
    hospital.close();
    insurer.close();
  });

  it('delivers events from a start block', async () => {
    const client = await SampleClient.of('HospitalAMSP', network);
    const submitted = await client
      .contract('care')
      .submitAsync('event', { arguments: ['Registered', 'payload'] });
    const { blockNumber } = await submitted.getStatus();
    const events = await client.gateway
      .getNetwork('care')
      .getChaincodeEvents('probe', { startBlock: blockNumber });
    for await (const event of events) {
      expect([event.eventName, text(event.payload), event.transactionId]).toEqual([
        'Registered',
        'payload',
        submitted.getTransactionId(),
      ]);
      break;
    }
    client.close();
  });

  it('keeps a channel from those who are not its members', async () => {
    const stranger = await SampleClient.of('InsurerBMSP', network);
    await expect(stranger.contract('claims-insurer-a').evaluateTransaction('get', 'claim')).rejects.toThrow();
    stranger.close();
  });

  it('says what runs and shows its logs', async () => {
    const nodes = await nativeStatus(path.join(folder, 'network'));
    expect(nodes.map(({ name, running }) => [name, running])).toEqual(
      expect.arrayContaining([
        ['orderer0.orderer.example', true],
        ['peer0.hospital-a.example', true],
        ['probe', true],
      ]),
    );
    const orderer = nodes.find(({ name }) => name.startsWith('orderer'));
    expect(await nativeLogs(orderer?.logFile ?? '', 5)).toHaveLength(5);
  });

  it('starts a node again that crashes', async () => {
    const name = 'peer0.insurer-a.example';
    const nodeOf = async () =>
      (await nativeStatus(path.join(folder, 'network'))).find((node) => node.name === name);
    const before = await nodeOf();
    process.kill(before?.pid ?? 0, 'SIGKILL');
    await until('the peer is back', 20_000, async () => {
      const after = await nodeOf();
      expect(after?.running).toBe(true);
      expect(after?.pid).not.toBe(before?.pid);
    });
    expect(notices).toEqual([`${name} killed by SIGKILL; starting it again`, `${name} is back`]);
    const client = await SampleClient.of('InsurerAMSP', network);
    await client.contract('claims-insurer-a').submitTransaction('put', 'claim', 'filed');
    client.close();
  });

  it('refuses a second start of the same folder', async () => {
    await expect(start()).rejects.toMatchObject({ code: 'NATIVE_NETWORK_RUNNING' });
  });

  it('refuses a description that it cannot run, before anything is started', async () => {
    if (!binaries) throw new Error('no binaries');
    const options = { folder: path.join(folder, 'refused'), binaries };
    await expect(
      startNative({ ...options, description: sampleDescription, chaincodes: {} }),
    ).rejects.toMatchObject({ code: 'NATIVE_CONFIGURATION' });
  });

  it('finds all data again after a stop from elsewhere and a new start', async () => {
    const stopped = await stopNative(path.join(folder, 'network'));
    expect(stopped).toHaveLength(6);
    expect(await network.failed).toMatch(/exited with/);
    network = await start();
    const client = await SampleClient.of('HospitalAMSP', network);
    expect(text(await client.contract('care').evaluateTransaction('get', 'patient'))).toBe('registered');
    await client.contract('care').submitTransaction('put', 'patient', 'changed');
    expect(JSON.parse(text(await client.contract('care').evaluateTransaction('history', 'patient')))).toEqual(
      [
        ['changed', false],
        ['registered', false],
      ],
    );
    client.close();
  });
});

describe('findFabricBinaries', () => {
  it('names every program that is missing and how to provide it', async () => {
    await expect(findFabricBinaries({ PATH: '' })).rejects.toMatchObject({
      code: 'FABRIC_BINARIES_MISSING',
      missing: ['peer', 'orderer'],
      message: expect.stringContaining('FABRIC_BIN') as unknown,
    });
  });
});
