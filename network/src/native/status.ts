import { open } from 'node:fs/promises';
import { nodeRuns, readRunFile, removeRunFile } from './run-file.js';
import { setTimeout as delay } from 'node:timers/promises';

/** One node of a network and whether it runs. */
export interface NodeStatus {
  readonly name: string;
  readonly pid: number;
  /** `host:port`. */
  readonly address: string;
  readonly running: boolean;
  readonly logFile: string;
}

/** The nodes that were last started on this folder; none if nothing was, or all was stopped. */
export async function nativeStatus(folder: string): Promise<NodeStatus[]> {
  const run = await readRunFile(folder);
  return Promise.all(
    (run?.nodes ?? []).map(async (node) => ({
      name: node.name,
      pid: node.pid,
      address: `127.0.0.1:${node.port}`,
      running: await nodeRuns(node),
      logFile: node.logFile,
    })),
  );
}

/** Bytes read from the end of a log. */
const tail = 65_536;

/** The last lines that a node logged. */
export async function nativeLogs(logFile: string, lines = 50): Promise<string[]> {
  const file = await open(logFile);
  try {
    const { size } = await file.stat();
    const { buffer, bytesRead } = await file.read({
      buffer: Buffer.alloc(Math.min(size, tail)),
      position: Math.max(0, size - tail),
    });
    return buffer.toString('utf8', 0, bytesRead).trimEnd().split('\n').slice(-lines);
  } finally {
    await file.close();
  }
}

/** Milliseconds between looks at a node that has been told to stop. */
const pollInterval = 50;
/** Milliseconds from SIGTERM to SIGKILL. */
const stopTimeout = 15_000;

/** Stops what another process left running on this folder. Returns the names of the nodes that it stopped. */
export async function stopNative(folder: string): Promise<string[]> {
  const running = (await nativeStatus(folder)).filter((node) => node.running);
  await Promise.all(
    running.map(async ({ pid, address }) => {
      const port = Number(address.split(':')[1]);
      process.kill(pid, 'SIGTERM');
      const deadline = Date.now() + stopTimeout;
      while (await nodeRuns({ pid, port })) {
        if (Date.now() > deadline) process.kill(pid, 'SIGKILL');
        await delay(pollInterval);
      }
    }),
  );
  await removeRunFile(folder);
  return running.map(({ name }) => name);
}
