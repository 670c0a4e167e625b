import { readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { answers } from './node-process.js';

const runFile = z.object({
  startedAt: z.string(),
  connectionProfile: z.string(),
  nodes: z.array(z.object({ name: z.string(), pid: z.int(), port: z.int(), logFile: z.string() })),
});

/** What runs on a folder, for commands of other processes: kept in `run.json` there. */
export type RunFile = z.infer<typeof runFile>;

const fileIn = (folder: string) => path.join(folder, 'run.json');

export async function readRunFile(folder: string): Promise<RunFile | undefined> {
  const text = await readFile(fileIn(folder), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    return runFile.parse(JSON.parse(text));
  } catch {
    return undefined; // Half-written by a process that was killed.
  }
}

export async function writeRunFile(folder: string, run: RunFile): Promise<void> {
  await writeFile(fileIn(folder), JSON.stringify(run, null, 2), { mode: 0o600 });
}

export async function removeRunFile(folder: string): Promise<void> {
  await rm(fileIn(folder), { force: true });
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** True if this recorded node still runs: its process is there and its port answers (a pid alone may be another's by now). */
export async function nodeRuns(node: Readonly<{ pid: number; port: number }>): Promise<boolean> {
  return alive(node.pid) && (await answers(node.port));
}
