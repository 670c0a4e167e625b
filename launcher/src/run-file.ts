import { readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { CommandError } from './errors.js';

/** What a running platform tells other commands of the same data folder: kept in `run.json` there. */
const runFile = z.object({
  pid: z.int(),
  url: z.string(),
  /** Address of the identity provider. */
  issuer: z.string(),
  startedAt: z.string(),
  connectionProfile: z.string(),
});
export type RunFile = z.infer<typeof runFile>;

const fileIn = (data: string) => path.join(data, 'run.json');

/** True if a process with this id runs. */
export function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** The platform that runs on this data folder; undefined if none does. */
export async function readRunFile(data: string): Promise<RunFile | undefined> {
  const text = await readFile(fileIn(data), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    const run = runFile.parse(JSON.parse(text));
    return alive(run.pid) ? run : undefined;
  } catch {
    return undefined; // Half-written by a process that was killed: nothing runs.
  }
}

/** @throws {@link CommandError} `NOT_RUNNING`. */
export async function requireRunning(data: string): Promise<RunFile> {
  const run = await readRunFile(data);
  if (run) return run;
  throw new CommandError('NOT_RUNNING', `No Medigraph runs on ${data}. Start it with: npm start`);
}

export async function writeRunFile(data: string, run: RunFile): Promise<void> {
  await writeFile(fileIn(data), JSON.stringify(run, null, 2), { mode: 0o600 });
}

export async function removeRunFile(data: string): Promise<void> {
  await rm(fileIn(data), { force: true });
}
