import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { type ChaincodePackage } from '../admin/chaincode-package.js';
import { type Administrator, deploy } from '../admin/deploy.js';
import { PeerAdmin } from '../admin/peer-admin.js';
import { installMissing } from '../admin/provision-chaincodes.js';
import { PeerConnection } from '../admin/peer-connection.js';
import { OrdererConnection } from '../admin/orderer-connection.js';
import {
  configIn,
  growChannel,
  membersIn,
  type OnStep,
  type SigningAdministrator,
} from '../growth/grow-channel.js';
import { genesisFile, initialChannels } from '../topology/first-blocks.js';
import { NativeConfigurationError } from './errors.js';
import { onlyFile } from './only-file.js';
import { OrdererAdmin } from './orderer-admin.js';
import { type PeerOrganization, type Topology } from '../topology/topology.js';
import { until } from './until.js';

/** Milliseconds for what becomes possible by itself: a leader is elected, peers find each other, chaincode connects. */
const patience = 60_000;

/** An administrator of the organisation, connected to each of its peers. */
async function administratorsOf(organization: PeerOrganization): Promise<SigningAdministrator[]> {
  const { mspId, adminMsp, adminTls, peers } = organization;
  const [certificate, privateKey] = await Promise.all(
    ['signcerts', 'keystore'].map(async (part) =>
      readFile(await onlyFile(path.join(adminMsp, part)), 'utf8'),
    ),
  );
  const tls = {
    certificate: await readFile(path.join(adminTls, 'client.crt'), 'utf8'),
    privateKey: await readFile(path.join(adminTls, 'client.key'), 'utf8'),
  };
  const identity = { mspId, certificate: certificate ?? '', privateKey: privateKey ?? '', tls };
  return Promise.all(
    peers.map(async (peer) => {
      const address = `${peer.host}:${peer.port}`;
      const tlsCaCertificate = await readFile(peer.tlsCa, 'utf8');
      const endpoint = { address, tlsCaCertificate, serverNameOverride: peer.name };
      return { mspId, identity, connection: PeerConnection.open(endpoint, identity) };
    }),
  );
}

async function joinOrderers(topology: Topology, blocks: ReadonlyMap<string, Uint8Array>): Promise<void> {
  const { adminTls, nodes } = topology.orderer;
  await Promise.all(
    nodes.map(async (node) => {
      const admin = await OrdererAdmin.open({
        host: node.host,
        port: node.adminPort,
        tlsCaCertificate: node.tlsCa,
        certificate: path.join(adminTls, 'client.crt'),
        privateKey: path.join(adminTls, 'client.key'),
      });
      try {
        for (const [channel, block] of blocks) await admin.join(channel, block);
      } finally {
        admin.close();
      }
    }),
  );
}

async function orderingOf(
  { orderer }: Topology,
  identity: SigningAdministrator['identity'] | undefined,
): Promise<OrdererConnection> {
  const [node] = orderer.nodes;
  if (node === undefined) throw new NativeConfigurationError('The network has no ordering node.');
  const tlsCaCertificate = await readFile(node.tlsCa, 'utf8');
  const address = `${node.host}:${node.port}`;
  return OrdererConnection.open({ address, tlsCaCertificate, serverNameOverride: node.name }, identity?.tls);
}

/** Joins peers with a channel that are not in it. */
async function joinPeers(
  channel: string,
  block: Uint8Array,
  members: readonly Administrator[],
  onStep: OnStep,
): Promise<void> {
  await Promise.all(
    members.map(async ({ connection }) => {
      const admin = new PeerAdmin(connection);
      if ((await admin.channels()).includes(channel)) return;
      await admin.join(channel, block);
      onStep(`${channel}: the peer of ${connection.mspId} at ${connection.address} joins`);
    }),
  );
}

/** Brings every channel to its members: the founders' peers join, the configuration takes in the others, theirs join too. */
async function growChannels(
  topology: Topology,
  blocks: ReadonlyMap<string, Uint8Array>,
  administrators: readonly SigningAdministrator[],
  onStep: OnStep,
): Promise<void> {
  const ordering = await orderingOf(topology, administrators[0]?.identity);
  try {
    for (const channel of initialChannels(topology)) {
      const block = blocks.get(channel.name) ?? new Uint8Array();
      const founders = membersIn(configIn(block));
      const members = administrators.filter(({ mspId }) =>
        channel.members.some((member) => member.mspId === mspId),
      );
      const [old, fresh] = [true, false].map((founding) =>
        members.filter(({ mspId }) => founders.includes(mspId) === founding),
      );
      await joinPeers(channel.name, block, old ?? [], onStep);
      await growChannel(channel, founders, administrators, ordering, onStep);
      await joinPeers(channel.name, block, fresh ?? [], onStep);
    }
  } finally {
    ordering.close();
  }
}

/** Every member's peer can have every other member endorse: their peers know each other and all reach the chaincode. */
async function ready(channel: string, chaincode: string, members: readonly Administrator[]): Promise<void> {
  const endorsingOrganizations = [...new Set(members.map(({ mspId }) => mspId))];
  await Promise.all(
    members.map(({ connection }) =>
      until(`${chaincode} on ${channel} at ${connection.address}`, patience, () =>
        connection.gateway
          .getNetwork(channel)
          .getContract(chaincode, 'org.hyperledger.fabric')
          .newProposal('GetMetadata', { endorsingOrganizations })
          .endorse(),
      ),
    ),
  );
}

/**
 * Brings running nodes to what the description says: channels joined, packages installed, chaincode approved and
 * committed, everybody able to call everybody. What is so already is left alone, so an interrupted start is taken up again.
 * @param packages - by suite
 * @param onStep - hears what is done
 */
export async function provision(
  topology: Topology,
  packages: ReadonlyMap<string, ChaincodePackage>,
  onStep: OnStep = () => undefined,
): Promise<void> {
  const blocks = new Map<string, Uint8Array>();
  for (const { name } of topology.channels)
    blocks.set(name, await readFile(genesisFile(topology.folder, name)));
  const administrators = await Promise.all(topology.organizations.map(administratorsOf));
  const membersOf = (mspIds: readonly string[]) =>
    administrators.flat().filter(({ mspId }) => mspIds.includes(mspId));
  try {
    await joinOrderers(topology, blocks);
    await growChannels(topology, blocks, administrators.flat(), onStep);
    await Promise.all(
      administrators.flat().map(async ({ mspId, connection }) => {
        const own = topology.channels.filter(({ organizations }) => organizations.includes(mspId));
        const suites = new Set(own.flatMap(({ suites: used }) => used.map(({ suite }) => suite)));
        await installMissing(
          { mspId, connection },
          [...suites].map((suite) => packageOf(packages, suite)),
        );
      }),
    );
    await Promise.all(
      topology.channels.map(async ({ name, organizations, suites }) => {
        const firsts = administrators.flatMap(([first]) =>
          first && organizations.includes(first.mspId) ? [first] : [],
        );
        for (const { suite, chaincode, endorsementPolicy, collections = [] } of suites) {
          const deployment = {
            channel: name,
            chaincode,
            endorsementPolicy,
            collections,
            package: packageOf(packages, suite),
          };
          await until(`Deployment of ${chaincode} on ${name}`, patience, () =>
            deploy(deployment, firsts, onStep),
          );
          await ready(name, chaincode, membersOf(organizations));
        }
      }),
    );
  } finally {
    for (const { connection } of administrators.flat()) connection.close();
  }
}

function packageOf(packages: ReadonlyMap<string, ChaincodePackage>, suite: string): ChaincodePackage {
  const found = packages.get(suite);
  if (found) return found;
  throw new NativeConfigurationError(`The description runs suite ${suite}, but no program for it was given.`);
}
