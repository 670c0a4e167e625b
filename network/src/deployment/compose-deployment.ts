import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type NetworkDescription } from '../description.js';
import { composeFileOf } from './compose.js';
import { type DeploymentPlaces, placesAt } from './places-file.js';
import { type PlatformPrograms, servicePorts, servicesOf } from './services.js';
import { writeDeployment } from './write-deployment.js';

/** Where every container sees the deployment's folder, with only its own files in it. */
export const containerRoot = '/medigraph';

/** Each service in a container of its own. */
const inContainers = (description: NetworkDescription): DeploymentPlaces => ({
  listenHost: '0.0.0.0',
  ports: servicePorts(description),
});

/** The compose file of this network: the same for everybody, since it has no key and no path of one machine in it. */
export function composeFile(description: NetworkDescription, programs: PlatformPrograms): string {
  const places = placesAt(containerRoot, inContainers(description));
  return composeFileOf(servicesOf(description, places, programs), containerRoot);
}

/**
 * Writes a deployment for compose: `docker-compose.yml`, `.env`, and the keys, configuration and secrets of the services.
 * @param source - of the platform's image: the checkout with its Dockerfile
 */
export async function generateCompose(
  description: NetworkDescription,
  folder: string,
  programs: PlatformPrograms,
  source: string,
): Promise<void> {
  await writeDeployment(description, folder, containerRoot, inContainers(description));
  const places = placesAt(containerRoot, inContainers(description));
  for (const data of servicesOf(description, places, programs).flatMap((service) => service.data)) {
    await mkdir(path.join(folder, data), { recursive: true, mode: 0o700 });
  }
  const user = { uid: process.getuid?.() ?? 1000, gid: process.getgid?.() ?? 1000 };
  const environment = [
    'MEDIGRAPH_DEPLOYMENT=.',
    `MEDIGRAPH_SOURCE=${source}`,
    `MEDIGRAPH_UID=${user.uid}`,
    `MEDIGRAPH_GID=${user.gid}`,
  ];
  await writeFile(path.join(folder, '.env'), `${environment.join('\n')}\n`);
  await writeFile(path.join(folder, 'docker-compose.yml'), composeFile(description, programs));
}
