import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { type ChaincodePackage } from '../admin/chaincode-package.js';
import { type Administrator, deploy } from '../admin/deploy.js';
import { PeerAdmin } from '../admin/peer-admin.js';
import { installMissing } from '../admin/provision-chaincodes.js';
import { PeerConnection } from '../admin/peer-connection.js';
import { genesisFile } from '../topology/first-blocks.js';
import { NativeConfigurationError } from './errors.js';
import { onlyFile } from './only-file.js';
import { OrdererAdmin } from './orderer-admin.js';
import { type PeerOrganization, type Topology } from '../topology/topology.js';
import { until } from './until.js';

/** Milliseconds for what becomes possible by itself: a leader is elected, peers find each other, chaincode connects. */
const patience = 60_000;

/** An administrator of the organisation, connected to each of its peers. */
async function administratorsOf(organization: PeerOrganization): Promise<Administrator[]> {
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
      return { mspId, connection: PeerConnection.open(endpoint, identity) };
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
 */
export async function provision(
  topology: Topology,
  packages: ReadonlyMap<string, ChaincodePackage>,
): Promise<void> {
  const blocks = new Map<string, Uint8Array>();
  for (const { name } of topology.channels)
    blocks.set(name, await readFile(genesisFile(topology.folder, name)));
  const administrators = await Promise.all(topology.organizations.map(administratorsOf));
  const membersOf = (mspIds: readonly string[]) =>
    administrators.flat().filter(({ mspId }) => mspIds.includes(mspId));
  try {
    await joinOrderers(topology, blocks);
    await Promise.all(
      administrators.flat().map(async ({ mspId, connection }) => {
        const admin = new PeerAdmin(connection);
        const own = topology.channels.filter(({ organizations }) => organizations.includes(mspId));
        for (const { name } of own) await admin.join(name, blocks.get(name) ?? new Uint8Array());
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
          await until(`Deployment of ${chaincode} on ${name}`, patience, () => deploy(deployment, firsts));
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
