import path from 'node:path';
import { readNetworkDescription } from '../description.js';
import { provision } from '../native/provision.js';
import { topologyOf } from '../topology/topology.js';
import { descriptionFile } from './layout.js';
import { readPlaces } from './places-file.js';
import { packagesOf } from './write-deployment.js';

/**
 * Joins the running nodes of a deployment to their channels and deploys the contract suites, as the administrators of all
 * its organisations. What is so already is left alone.
 */
export async function provisionDeployment(folder: string): Promise<void> {
  const description = await readNetworkDescription(path.join(folder, descriptionFile));
  const places = await readPlaces(folder);
  await provision(topologyOf(description, places), await packagesOf(description, folder, places));
}
