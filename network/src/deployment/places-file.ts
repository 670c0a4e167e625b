import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { hostLabel } from '../topology/host-label.js';
import { type Places, type Ports } from '../topology/places.js';
import { materialFolder, placesFile } from './layout.js';

const content = z.object({
  listenHost: z.string(),
  /** Of all services; without it each has a host that is called as it is. */
  host: z.string().optional(),
  /** True where names of hosts have no dots. */
  hostLabels: z.boolean().optional(),
  ports: z.record(z.string(), z.int()),
});

/** Where the services of a deployment are, as its folder keeps it. */
export interface DeploymentPlaces {
  readonly listenHost: string;
  readonly host?: string;
  readonly hostLabels?: boolean;
  readonly ports: Ports;
}

/** @param root - where the deployment's folder is for who uses the places. */
export function placesAt(root: string, { listenHost, host, hostLabels, ports }: DeploymentPlaces): Places {
  return {
    folder: root,
    material: path.join(root, materialFolder),
    listenHost,
    hostOf: (node) => host ?? (hostLabels === true ? hostLabel(node) : node),
    portOf: (name) => ports[name] ?? 0,
  };
}

export async function writePlaces(folder: string, places: DeploymentPlaces): Promise<void> {
  await writeFile(path.join(folder, placesFile), JSON.stringify(places, undefined, 2));
}

export async function readPlaces(folder: string): Promise<Places> {
  return placesAt(folder, content.parse(JSON.parse(await readFile(path.join(folder, placesFile), 'utf8'))));
}
