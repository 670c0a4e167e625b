import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import path from 'node:path';
import { z } from 'zod';
import { type Ports } from './topology.js';

const portsFile = z.record(z.string(), z.int().min(1).max(65_535));

async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer().listen(0, '127.0.0.1');
      await once(server, 'listening');
      return server;
    }),
  );
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
