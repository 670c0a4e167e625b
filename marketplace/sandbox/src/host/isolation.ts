import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** What the operating system adds to what Node itself keeps a guest from. */
export interface Isolation {
  /** `namespaces`: no network interface but a loopback of its own, and no sight of other processes. `runtime`: by Node alone. */
  readonly network: 'namespaces' | 'runtime';
  /** Whether the kernel bounds memory and files of the process. */
  readonly limits: boolean;
  /** Whether the kernel ends a guest whose host died: one that loops without end would not notice. */
  readonly endsWithHost: boolean;
  /** What is lacking, in words, for the log. */
  readonly lacking: readonly string[];
}

const namespaces = [
  '--user',
  '--map-current-user',
  '--net',
  '--ipc',
  '--uts',
  '--pid',
  '--fork',
  '--kill-child=KILL',
];
const endingWithParent = ['setpriv', '--pdeathsig', 'KILL'] as const;
const run = promisify(execFile);

async function works(command: string, args: readonly string[]): Promise<string | undefined> {
  try {
    await run(command, [...args], { timeout: 5_000 });
    return undefined;
  } catch (error) {
    return error instanceof Error
      ? error.message.split('\n').at(1) || error.message.split('\n')[0]
      : String(error);
  }
}

let detected: Promise<Isolation> | undefined;

/** What this machine permits; asked once. */
export function detectIsolation(): Promise<Isolation> {
  return (detected ??= detect());
}

async function detect(): Promise<Isolation> {
  const [setpriv, ...whenParentDies] = endingWithParent;
  const [noNamespaces, noLimits, noEnd] = await Promise.all([
    works('unshare', [...namespaces, 'true']),
    works('prlimit', ['--core=0', '--fsize=0', 'true']),
    works(setpriv, [...whenParentDies, 'true']),
  ]);
  return {
    network: noNamespaces === undefined ? 'namespaces' : 'runtime',
    limits: noLimits === undefined,
    endsWithHost: noEnd === undefined,
    lacking: [
      ...(noNamespaces === undefined
        ? []
        : [`guests have no network namespace of their own: ${noNamespaces}`]),
      ...(noLimits === undefined ? [] : [`the kernel does not bound guests: ${noLimits}`]),
      ...(noEnd === undefined ? [] : [`the kernel does not end guests whose host died: ${noEnd}`]),
    ],
  };
}

/** Writable memory that threads' stacks and the engine take beside what contracts do. */
const spareBytes = 512 * 1024 * 1024;

/** The command that starts a guest. */
export function guestCommand(
  { network, limits, endsWithHost }: Isolation,
  residentBytes: number,
  node: readonly string[],
): [string, ...string[]] {
  const command = [process.execPath, ...node];
  if (limits)
    command.unshift(
      'prlimit',
      '--core=0',
      '--fsize=0',
      '--nofile=4096',
      `--data=${residentBytes + spareBytes}`,
    );
  if (network === 'namespaces') command.unshift('unshare', ...namespaces);
  if (endsWithHost) command.unshift(...endingWithParent);
  return command as [string, ...string[]];
}
