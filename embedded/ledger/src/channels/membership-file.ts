import { readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { ConfigurationError, reasonOf } from '../errors.js';

const membership = z.strictObject({
  /** Whether the orderers order the channel. */
  ordered: z.boolean(),
  /** Names of the peers that have joined it. */
  peers: z.array(z.string()),
});

/** Which nodes have joined a channel. */
export type Membership = z.infer<typeof membership>;

const fileIn = (folder: string) => path.join(folder, 'nodes.json');

/** What is kept beside a channel's ledger; undefined if nobody has ever joined it. @throws {@link ConfigurationError}. */
export async function readMembership(folder: string): Promise<Membership | undefined> {
  const file = fileIn(folder);
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  });
  if (text === undefined) return undefined;
  try {
    return membership.parse(JSON.parse(text));
  } catch (error) {
    throw new ConfigurationError(`cannot use ${file}: ${reasonOf(error)}`, { cause: error });
  }
}

/** Replaces the file in one step, so that a crash leaves the one before or this. */
export async function writeMembership(folder: string, members: Membership): Promise<void> {
  const unfinished = `${fileIn(folder)}.unfinished`;
  await writeFile(unfinished, JSON.stringify(members, undefined, 2), { flush: true });
  await rename(unfinished, fileIn(folder));
}
