/** The `medigraph` command as people run it: processes, signals, exit codes. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { GraphClient, openRunning } from '@medigraph/launcher';
import { eventually } from './eventually.js';

const command = fileURLToPath(new URL('../../../launcher/bin/medigraph.mjs', import.meta.url));

interface Run {
  readonly process: ChildProcess;
  readonly output: () => string;
  readonly errors: () => string;
  readonly ended: Promise<number | string>;
}

const runs: Run[] = [];

function medigraph(...args: string[]): Run {
  const child = spawn(process.execPath, [command, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    // Whoever runs the tests may be signed in.
    env: { ...process.env, XDG_CONFIG_HOME: path.join(folder, 'config') },
  });
  const texts = { out: '', err: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (texts.out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (texts.err += text));
  const ended = once(child, 'close').then(([code, signal]) => (code ?? signal) as number | string);
  const run = { process: child, output: () => texts.out, errors: () => texts.err, ended };
  runs.push(run);
  return run;
}

let folder: string;
let data: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'medigraph-command-'));
  data = path.join(folder, 'data');
});

afterEach(async () => {
  for (const { process: child, ended } of runs.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill('SIGINT');
    await ended;
  }
});

afterAll(() => rm(folder, { recursive: true, force: true }));

const alive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

/** Processes whose parent is this one: the parts of a launcher. */
async function childrenOf(pid: number): Promise<number[]> {
  const ps = spawn('ps', ['-e', '-o', 'pid=,ppid=']);
  let text = '';
  ps.stdout.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  await once(ps, 'close');
  const pairs = text
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number));
  return pairs.flatMap(([child, parent]) =>
    parent === pid && child !== undefined && child !== ps.pid ? [child] : [],
  );
}

async function started(...more: string[]): Promise<{ run: Run; pid: number; parts: number[] }> {
  const run = medigraph('start', '--data', data, '--port', '0', '--empty', ...more);
  await eventually(
    'the command says that it is ready',
    run.errors,
    (text) => text.includes('Stop with Ctrl-C'),
    60_000,
  );
  const pid = run.process.pid ?? 0;
  return { run, pid, parts: await childrenOf(pid) };
}

const allGone = (pids: readonly number[]) =>
  eventually(
    'every part is gone',
    () => pids.filter(alive),
    (left) => left.length === 0,
  );

test('start says where the graph is; Ctrl-C ends every part; a second start finds all again', async () => {
  const { run, parts } = await started();
  expect(parts).toHaveLength(9);
  const { run: file, tokenFor } = await openRunning(data);
  expect(run.errors()).toContain(`  ${file.url}\n`);
  expect(run.errors()).toMatch(/A first query:\s+curl -s http/);
  const operator = new GraphClient(file.url, await tokenFor('operator:hospital-a'));
  await operator.request(
    'mutation { registerInstitution(input: { id: "hospital-a", name: "A", kind: HOSPITAL }) { institution { id } } }',
  );

  const second = medigraph('start', '--data', data, '--port', '0', '--empty');
  expect(await second.ended).toBe(1);
  expect(second.errors().trim()).toBe(`ALREADY_RUNNING: Medigraph runs already on ${data}, at ${file.url}`);
  const reset = medigraph('reset', '--data', data);
  expect(await reset.ended).toBe(1);
  expect(reset.errors()).toMatch(/^ALREADY_RUNNING: .*\n$/);
  const status = medigraph('status', '--data', data);
  expect(await status.ended).toBe(0);
  expect(status.output()).toContain(file.url);

  run.process.kill('SIGINT');
  expect(await run.ended).toBe(0);
  await allGone(parts);
  const stopped = medigraph('status', '--data', data);
  expect(await stopped.ended).toBe(1);
  expect(stopped.errors()).toMatch(/^NOT_RUNNING: .*\n$/);

  const again = await started();
  expect(await institutions()).toEqual(['hospital-a']);

  // The launcher dies without a word, in the middle of two files: its parts notice, and the next start finds what was written.
  again.run.process.kill('SIGKILL');
  await allGone(again.parts);
  await writeFile(path.join(data, 'run.json'), '{"pid": ');
  const profile = path.join(data, 'network', 'connection.json');
  await truncate(profile, 20);
  const recovered = await started();
  expect(await institutions()).toEqual(['hospital-a']);
  expect(JSON.parse(await readFile(profile, 'utf8'))).toHaveProperty('channels');
  recovered.run.process.kill('SIGTERM');
  expect(await recovered.run.ended).toBe(0);
  await allGone(recovered.parts);

  const cleared = await started('--reset');
  expect(await institutions()).toEqual([]);
  cleared.run.process.kill('SIGINT');
  expect(await cleared.run.ended).toBe(0);
}, 180_000);

async function institutions(): Promise<string[]> {
  const { run, tokenFor } = await openRunning(data);
  const client = new GraphClient(run.url, await tokenFor('operator:hospital-a'));
  const answer = await client.request<{ institutions: { nodes: { id: string }[] } }>(
    '{ institutions { nodes { id } } }',
  );
  return answer.institutions.nodes.map(({ id }) => id);
}

test('help is printed, and asked for is no failure', async () => {
  const help = medigraph('--help');
  expect(await help.ended).toBe(0);
  for (const name of [
    'start',
    'status',
    'login',
    'whoami',
    'account',
    'client',
    'token',
    'demo',
    'config',
    'reset',
  ])
    expect(help.output()).toContain(name);
  const start = medigraph('start', '--help');
  expect(await start.ended).toBe(0);
  for (const option of ['--data', '--port', '--reset', '--empty']) expect(start.output()).toContain(option);
});

test.each([
  [['start', '--port', 'many'], /port/],
  [['start', '--port', '65536'], /port/],
  [['start', '--colour'], /--colour/],
  [['strat'], /too many arguments/],
  [['token'], /NOT_SIGNED_IN/],
  [['token', '--as', 'nobody', '--lifetime', '0'], /lifetime/],
])('%j is refused with what is wrong', async (args, what) => {
  const run = medigraph(...args, ...(args[0] === 'strat' ? [] : ['--data', path.join(folder, 'none')]));
  expect(await run.ended).toBe(1);
  expect(run.errors()).toMatch(what);
  expect(run.errors()).not.toMatch(/^\s+at /m);
});

async function listening(): Promise<Server> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

const parts = /^[A-Z_]+: .*$/m;

test('a port in use is one clear failure, and nothing is left running', async () => {
  const server = await listening();
  try {
    const { port } = server.address() as { port: number };
    const run = medigraph(
      'start',
      '--data',
      path.join(folder, 'port'),
      '--port',
      String(port),
      '--sign-in-port',
      '0',
      '--empty',
    );
    const began = run.process.pid ?? 0;
    expect(await run.ended).toBe(1);
    expect(run.errors()).toMatch(parts);
    expect(run.errors()).toContain('EADDRINUSE');
    expect(run.errors()).toContain(String(port));
    expect(run.errors()).not.toMatch(/^\s+at /m);
    expect(await childrenOf(began)).toEqual([]);
  } finally {
    server.close();
  }
});

test('a data folder that is no folder is one clear failure', async () => {
  const file = path.join(folder, 'file');
  await writeFile(file, 'not a folder');
  const onFile = medigraph('start', '--data', file, '--port', '0', '--empty');
  expect(await onFile.ended).toBe(1);
  expect(onFile.errors()).toMatch(parts);
});
