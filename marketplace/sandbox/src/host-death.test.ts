import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { detectIsolation } from './index.js';

const host = fileURLToPath(new URL('./index.js', import.meta.url));
const run = promisify(execFile);

/** A host whose guest never comes to an end of being loaded. */
const program = `
import { SandboxHost } from ${JSON.stringify(host)};
await new SandboxHost().start({
  dapp: 'loop', version: '1.0.0', bundle: 'for (;;);', contracts: ['Loop'], chaincodeId: 'loop:1', address: '127.0.0.1:0',
});
`;

interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly name: string;
}

async function processes(): Promise<Process[]> {
  const { stdout } = await run('ps', ['-e', '-o', 'pid=,ppid=,args=']);
  return stdout
    .trim()
    .split('\n')
    .map((line) => {
      const [, pid = '', parent = '', name = ''] = /^ *(\d+) +(\d+) (.*)$/.exec(line) ?? [];
      return { pid: Number(pid), parent: Number(parent), name };
    });
}

/** All that a process has started, and what these have. */
async function descendants(of: number): Promise<Process[]> {
  const all = await processes();
  const found: Process[] = [];
  const open = [of];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const children = all.filter(({ parent }) => parent === next);
    found.push(...children);
    open.push(...children.map(({ pid }) => pid));
  }
  return found;
}

/** Looks again until it fits, for at most as long as a test lasts. */
async function eventually<Value>(
  look: () => Promise<Value>,
  fits: (value: Value) => boolean,
): Promise<Value> {
  for (;;) {
    const value = await look();
    if (fits(value)) return value;
  }
}

test('a guest that loops without end ends with a host that is killed', async () => {
  const { endsWithHost, lacking } = await detectIsolation();
  if (!endsWithHost) {
    expect(lacking.join()).toContain('does not end guests');
    return;
  }
  const child = spawn(process.execPath, ['--no-warnings', '--input-type=module', '-e', program], {
    stdio: 'ignore',
  });
  const isGuest = ({ name }: Process): boolean =>
    name.includes('--experimental-permission') && !/unshare|prlimit|setpriv/.test(name);
  const guests = await eventually(
    async () => (await descendants(child.pid ?? 0)).filter(isGuest),
    (found) => found.length > 0,
  );
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
  const pids = new Set(guests.map(({ pid }) => pid));
  await eventually(
    processes,
    (all) => !all.some(({ pid, name }) => pids.has(pid) && !name.includes('defunct')),
  );
}, 30_000);
