import { type ChildProcess, spawn } from 'node:child_process';
import os from 'node:os';
import { type SandboxLimits } from '../limits.js';
import { readableFiles } from './guest-files.js';
import { detectIsolation, guestCommand } from './isolation.js';

/** @see spawnGuest */
export interface GuestSurroundings {
  /** For Node, beside what keeps a guest in. */
  readonly arguments?: readonly string[];
  /** In the place of time zone and language. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** Starts a program of ours that runs code of strangers, kept from everything; its third file is the pipe to it. */
export async function spawnGuest(
  entry: string,
  { heapBytes, residentBytes }: Pick<SandboxLimits, 'heapBytes' | 'residentBytes'>,
  { arguments: more = [], environment = { TZ: 'UTC', LANG: 'C' } }: GuestSurroundings = {},
): Promise<ChildProcess> {
  const isolation = await detectIsolation();
  const [command, ...args] = guestCommand(isolation, residentBytes, [
    '--experimental-permission',
    ...readableFiles().map((files) => `--allow-fs-read=${files}`),
    `--max-old-space-size=${Math.ceil(heapBytes / (1024 * 1024))}`,
    '--max-semi-space-size=2',
    '--v8-pool-size=1',
    '--no-addons',
    '--no-warnings',
    '--no-global-search-paths',
    '--disable-proto=throw',
    ...more,
    entry,
  ]);
  return spawn(command, args, {
    // Nothing of the host's environment: names of people, keys, addresses.
    env: { PATH: process.env['PATH'] ?? '', ...environment, UV_THREADPOOL_SIZE: '1' },
    cwd: os.tmpdir(),
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
    detached: true,
  });
}
