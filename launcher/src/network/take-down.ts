import { setTimeout as delay } from 'node:timers/promises';
import { stopNative } from '@medigraph/network/native';
import { CommandError } from '../errors.js';
import { alive } from '../run-file.js';
import { type NetworkKind, readNetworkRun, removeNetworkRun } from './network-run.js';

/** Milliseconds between looks at a process that has been told to stop. */
const pollInterval = 50;
/** Milliseconds until a process that was told to stop counts as stuck. */
const patience = 60_000;

/**
 * Stops the network of a folder, also one whose `network up` was killed. Returns whether there was anything to stop.
 * @throws {@link CommandError} `NETWORK_NOT_STOPPED`.
 */
export async function takeDown(kind: NetworkKind, folder: string): Promise<boolean> {
  const run = await readNetworkRun(folder);
  const found = run !== undefined && alive(run.pid);
  if (found) {
    process.kill(run.pid, 'SIGTERM');
    const deadline = Date.now() + patience;
    while (alive(run.pid)) {
      if (Date.now() > deadline) {
        throw new CommandError('NETWORK_NOT_STOPPED', `Process ${run.pid} does not stop; see network logs`);
      }
      await delay(pollInterval);
    }
  }
  // Nodes of Fabric outlive a `network up` that was killed; embedded parts end with it.
  const left = kind === 'native' ? await stopNative(folder) : [];
  await removeNetworkRun(folder);
  return found || left.length > 0;
}
