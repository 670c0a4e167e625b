import { createPrivateKey } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as grpc from '@grpc/grpc-js';
import { connect, type Contract, type Gateway, signers } from '@hyperledger/fabric-gateway';
import { findFabricBinaries } from './binaries.js';
import { FabricBinariesMissingError } from './errors.js';
import { type NativeNetwork, startNative } from './start-native.js';
import { nativeLogs, nativeStatus, stopNative } from './status.js';
import { sampleChaincodes, sampleDescription } from './testing/sample-network.js';

const binaries = await findFabricBinaries().catch((error: unknown) => {
  if (error instanceof FabricBinariesMissingError) return undefined;
  throw error;
});
// Without Fabric's programs on this machine the tests below are reported as skipped.
const describeWithFabric = binaries ? describe : describe['skip'];

interface Profile {
  organizations: Record<
    string,
    {
      peers: { address: string; tlsCaCertificate: string }[];
      client: { certificate: string; privateKey: string };
    }
  >;
}

class Client {
  readonly gateway: Gateway;
  readonly #client: grpc.Client;

  private constructor(mspId: string, profile: Profile) {
    const organization = profile.organizations[mspId];
    const [peer] = organization?.peers ?? [];
    if (!organization || !peer) throw new Error(`${mspId} is not in the profile`);
    this.#client = new grpc.Client(
      peer.address,
      grpc.credentials.createSsl(Buffer.from(peer.tlsCaCertificate)),
    );
    this.gateway = connect({
      client: this.#client,
      identity: { mspId, credentials: Buffer.from(organization.client.certificate) },
      signer: signers.newPrivateKeySigner(createPrivateKey(organization.client.privateKey)),
    });
  }

  static async of(mspId: string, network: NativeNetwork): Promise<Client> {
    return new Client(mspId, JSON.parse(await readFile(network.connectionProfile, 'utf8')) as Profile);
  }

  contract(channel: string): Contract {
    return this.gateway.getNetwork(channel).getContract('probe');
  }

  close(): void {
    this.gateway.close();
    this.#client.close();
  }
}

const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('utf8');

describeWithFabric('startNative', () => {
  let folder: string;
  let network: NativeNetwork;
  const start = () => {
    if (!binaries) throw new Error('no binaries');
    return startNative({
      description: sampleDescription,
      folder: path.join(folder, 'network'),
      binaries,
      chaincodes: sampleChaincodes,
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
    const hospital = await Client.of('HospitalAMSP', network);
    const insurer = await Client.of('InsurerBMSP', network);
    await hospital.contract('care').submitTransaction('put', 'patient', 'registered');
    // The other peer commits the block on its own time: a submit through it comes after.
    await insurer.contract('care').submitTransaction('put', 'insurer', 'there');
    expect(text(await insurer.contract('care').evaluateTransaction('get', 'patient'))).toBe('registered');
    hospital.close();
    insurer.close();
  });

  it('delivers events from a start block', async () => {
    const client = await Client.of('HospitalAMSP', network);
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
    const stranger = await Client.of('InsurerBMSP', network);
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

  it('refuses a second start of the same folder', async () => {
    await expect(start()).rejects.toMatchObject({ code: 'NATIVE_NETWORK_RUNNING' });
  });

  it('refuses a description that it cannot run, before anything is started', async () => {
    if (!binaries) throw new Error('no binaries');
    const options = { folder: path.join(folder, 'refused'), binaries };
    await expect(
      startNative({ ...options, description: sampleDescription, chaincodes: {} }),
    ).rejects.toMatchObject({ code: 'NATIVE_CONFIGURATION' });
    const [first, ...rest] = sampleDescription.organizations;
    const organizations = [
      { mspId: 'NewMSP', domain: 'new.example', peers: ['peer0'] },
      ...(first ? [first] : []),
      ...rest,
    ];
    await expect(
      startNative({
        ...options,
        description: { ...sampleDescription, organizations },
        chaincodes: sampleChaincodes,
      }),
    ).rejects.toMatchObject({ code: 'NATIVE_CONFIGURATION' });
  });

  it('finds all data again after a stop from elsewhere and a new start', async () => {
    const stopped = await stopNative(path.join(folder, 'network'));
    expect(stopped).toHaveLength(6);
    expect(await network.failed).toMatch(/exited with/);
    network = await start();
    const client = await Client.of('HospitalAMSP', network);
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
      missing: ['peer', 'orderer', 'configtxgen'],
      message: expect.stringContaining('FABRIC_BIN') as unknown,
    });
  });
});
