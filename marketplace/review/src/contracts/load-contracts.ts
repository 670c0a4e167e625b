import { type ContractMetadata, contractMetadataOf } from '@medigraph/dapp/metadata';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('./load-process.js', import.meta.url));
const patienceMs = 20_000;
const memoryMegabytes = 128;

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
const permission = major > 23 || (major === 23 && minor >= 5) ? '--permission' : '--experimental-permission';

/** A bundle whose contracts cannot be loaded. */
export class ContractsUnloadable extends Error {
  override readonly name = 'ContractsUnloadable';
}

/**
 * Loads a bundle in a process of its own, which may read files and do nothing else, and asks its contracts what they are.
 * @throws {@link ContractsUnloadable}.
 */
export async function loadContracts(bundle: Uint8Array): Promise<ContractMetadata> {
  const child = fork(program, {
    env: {},
    execArgv: [permission, '--allow-fs-read=*', '--no-warnings', `--max-old-space-size=${memoryMegabytes}`],
    stdio: ['pipe', 'ignore', 'ignore', 'ipc'],
  });
  const timer = setTimeout(() => child.kill('SIGKILL'), patienceMs);
  try {
    let answer: unknown;
    child.on('message', (message) => (answer = message));
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(bundle);
    // After the last message, whether the process ended or was ended.
    await once(child, 'disconnect');
    if (typeof answer !== 'object' || answer === null)
      throw new ContractsUnloadable('the process that loaded it came to no end, or to a bad one');
    if ('error' in answer) throw new ContractsUnloadable(String(answer.error));
    return contractMetadataOf((answer as { metadata?: unknown }).metadata);
  } catch (error) {
    if (error instanceof ContractsUnloadable) throw error;
    throw new ContractsUnloadable('its contracts do not say what they are', { cause: error });
  } finally {
    clearTimeout(timer);
    child.kill('SIGKILL');
  }
}
