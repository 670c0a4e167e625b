import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { stringify } from 'yaml';
import { connectionProfileOf } from '../connection-profile.js';
import { type NetworkDescription } from '../description.js';
import { generateMaterial } from '../material/generate.js';
import { packageService, type ChaincodePackage } from '../admin/chaincode-package.js';
import { writeExternalBuilder } from '../native/external-builder.js';
import { ordererConfigOf } from '../native/orderer-config.js';
import { peerConfigOf } from '../native/peer-config.js';
import { endpointsOf } from '../topology/endpoints.js';
import { writeFirstBlocks } from '../topology/first-blocks.js';
import { dappsService, documentServers, type Places, suiteService, suitesOf } from '../topology/places.js';
import { type Topology, topologyOf } from '../topology/topology.js';
import { databaseServer, writeAuthorities } from './authority-services.js';
import * as layout from './layout.js';
import { type DeploymentPlaces, placesAt, writePlaces } from './places-file.js';
import { generateSecrets } from './secrets.js';
import { generateServiceMaterial } from './service-material.js';

/** A package of each suite, by suite: equal wherever it is made from the same deployment. */
export async function packagesOf(
  description: NetworkDescription,
  folder: string,
  places: Places,
): Promise<Map<string, ChaincodePackage>> {
  const authority = await readFile(path.join(folder, layout.serviceAuthority), 'utf8');
  return new Map(
    await Promise.all(
      suitesOf(description).map(async (suite): Promise<[string, ChaincodePackage]> => {
        const service = suiteService(suite);
        const address = `${places.hostOf(service)}:${places.portOf(service)}`;
        return [suite, await packageService(suite, address, authority)];
      }),
    ),
  );
}

async function writeNodeConfigs(folder: string, topology: Topology): Promise<void> {
  const write = async (node: string, file: string, config: Record<string, unknown>) => {
    const own = path.join(folder, layout.nodeFolder(node));
    await mkdir(own, { recursive: true });
    await writeFile(path.join(own, file), stringify(config, { aliasDuplicateObjects: false }));
  };
  const { mutualTls } = topology;
  for (const node of topology.orderer.nodes) {
    await write(node.name, 'orderer.yaml', ordererConfigOf(node, mutualTls));
  }
  const builder = path.join(topology.folder, layout.builderFolder);
  for (const { peers } of topology.organizations) {
    for (const node of peers) {
      const siblings = peers.filter((other) => other !== node);
      await write(node.name, 'core.yaml', peerConfigOf(node, { builder, siblings, mutualTls }));
    }
  }
}

/**
 * Writes everything that the services of a deployment read: keys, first blocks, configuration, secrets. What must not
 * change once it is in use, keys, blocks and secrets, is made once and then left alone; the rest is written anew.
 *
 * @param folder - where, on this machine
 * @param root - where the services see that folder
 */
export async function writeDeployment(
  description: NetworkDescription,
  folder: string,
  root: string,
  where: DeploymentPlaces,
): Promise<void> {
  const [here, places] = [placesAt(folder, where), placesAt(root, where)];
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await generateMaterial(description, here.material);
  const tlsServices = [
    ...suitesOf(description).map(suiteService),
    dappsService,
    ...documentServers,
    databaseServer,
  ];
  await generateServiceMaterial(tlsServices, path.join(folder, layout.serviceTlsFolder));
  await generateSecrets(folder, places);
  await writeAuthorities(description, folder, places);
  const topology = topologyOf(description, here);
  await writeFirstBlocks(topology);
  await writeExternalBuilder(path.join(folder, layout.builderFolder));
  await writeNodeConfigs(folder, topologyOf(description, places));
  for (const [suite, { id }] of await packagesOf(description, folder, places)) {
    const file = path.join(folder, layout.suiteEnvironment(suite));
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, `CHAINCODE_ID=${id}\n`);
  }
  const profile = await connectionProfileOf(description, here.material, await endpointsOf(topology));
  await writeFile(path.join(folder, layout.connectionProfileFile), JSON.stringify(profile, undefined, 2), {
    mode: 0o600,
  });
  await writePlaces(folder, where);
  await writeFile(path.join(folder, layout.descriptionFile), JSON.stringify(description, undefined, 2));
}
