import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { CommandError } from '../errors.js';
import { alive } from '../run-file.js';

/** The networks that this machine can run by itself. */
export const networkKinds = ['embedded', 'native'] as const;
export type NetworkKind = (typeof networkKinds)[number];

const networkRun = z.object({
  kind: z.enum(networkKinds),
  /** Of `medigraph network up`, which holds the parts. */
  pid: z.int(),
  startedAt: z.string(),
  connectionProfile: z.string(),
  mongodbUri: z.string().optional(),
  /** Where it takes changes of its description. */
  control: z.object({ url: z.string(), secret: z.string() }),
  parts: z.array(z.object({ name: z.string(), pid: z.int() })),
});

/** What a network that is up tells other commands: kept in `network.json` of its folder. */
export type NetworkRun = z.infer<typeof networkRun>;

const fileIn = (folder: string) => path.join(folder, 'network.json');

/** What `network up` recorded last, whether that still runs or not; undefined if it was taken down in order. */
export async function readNetworkRun(folder: string): Promise<NetworkRun | undefined> {
  const text = await readFile(fileIn(folder), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    return networkRun.parse(JSON.parse(text));
  } catch {
    return undefined; // Half-written by a process that was killed.
  }
}

/** @throws {@link CommandError} `NETWORK_NOT_RUNNING`. */
export async function requireNetworkRun(kind: NetworkKind, folder: string): Promise<NetworkRun> {
  const run = await readNetworkRun(folder);
  if (run && alive(run.pid)) return run;
  throw new CommandError(
    'NETWORK_NOT_RUNNING',
    `No ${kind} network runs on ${folder}. Start it with: npm run medigraph -- network up ${kind}`,
  );
}

export async function writeNetworkRun(folder: string, run: NetworkRun): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await writeFile(fileIn(folder), JSON.stringify(run, null, 2), { mode: 0o600 });
}

export async function removeNetworkRun(folder: string): Promise<void> {
  await rm(fileIn(folder), { force: true });
}
