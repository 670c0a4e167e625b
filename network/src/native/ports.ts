import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer, type Server } from 'node:net';
import path from 'node:path';
import { z } from 'zod';
import { PortTakenError } from './errors.js';
import { type Ports } from '../topology/places.js';

const portsFile = z.record(z.string(), z.int().min(1).max(65_535));

// Below the ports that systems give to outgoing connections: one of those could take the port of a node that is down.
const lowest = 20_000;
const highest = 32_767;
/** Ports tried for each that is wanted. */
const tries = 100;

/** Listens on a port of loopback that nobody has, chosen by lot. */
async function holdFreePort(): Promise<Server> {
  for (let attempt = 0; attempt < tries; attempt += 1) {
    const server = createServer();
    server.listen(randomInt(lowest, highest + 1), '127.0.0.1');
    const free = await once(server, 'listening').then(
      () => true,
      () => false,
    );
    if (free) return server;
  }
  throw new PortTakenError(`No free port was found from ${lowest} to ${highest}.`);
}

async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(Array.from({ length: count }, holdFreePort));
  // All are held until the last is known, so that no port is given twice.
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => once(server.close(), 'close')));
  return ports;
}

/** The ports of these names, kept in the folder: a name keeps its port, a new name gets a free one. */
export async function assignPorts(folder: string, names: readonly string[]): Promise<Ports> {
  const file = path.join(folder, 'ports.json');
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '{}';
    throw error;
  });
  const known = portsFile.parse(JSON.parse(text));
  const fresh = names.filter((name) => !(name in known));
  if (fresh.length === 0) return known;
  const free = await freePorts(fresh.length);
  const all = { ...known, ...Object.fromEntries(fresh.map((name, index) => [name, free[index] ?? 0])) };
  await writeFile(file, JSON.stringify(all, null, 2));
  return all;
}
