import { type ChildProcess, fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { startIdentityServer } from './identity-server.js';
import { silentLog } from './log.js';
import { administrationSecretOf } from './store/secret-keys.js';
import { drGrey } from './testing/test-provider.js';

const server = fileURLToPath(new URL('server.js', import.meta.url));
const key = randomBytes(32).toString('hex');
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'medigraph-identity-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** The provider as a process of its own. */
async function start(): Promise<{ child: ChildProcess; issuer: string }> {
  const child = fork(server, ['--data', folder], {
    env: { ...process.env, MEDIGRAPH_IDENTITY_KEY: key },
    silent: true,
  });
  const [ready] = (await once(child, 'message')) as [{ type: string; issuer: string }];
  expect(ready.type).toBe('ready');
  return { child, issuer: ready.issuer };
}

async function administer(issuer: string, method: string, path: string, body?: unknown): Promise<unknown> {
  const headers = { authorization: `Bearer ${administrationSecretOf(key)}` };
  const answer = await fetch(`${issuer}/admin${path}`, { method, headers, body: JSON.stringify(body) });
  return answer.json();
}

it('loses nothing that it has answered when it is killed', async () => {
  const { child, issuer } = await start();
  await administer(issuer, 'POST', '/accounts', { holder: drGrey });
  const { keys } = (await (await fetch(`${issuer}/jwks`)).json()) as { keys: unknown };
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
  const again = await start();
  const accounts = await administer(again.issuer, 'GET', '/accounts');
  expect(accounts).toMatchObject({ accounts: [{ subject: drGrey.subject }] });
  expect(await (await fetch(`${again.issuer}/jwks`)).json()).toEqual({ keys });
  const stopped = once(again.child, 'exit');
  again.child.kill('SIGTERM');
  expect(await stopped).toEqual([0, null]);
});

it('keeps nothing that could be read without its key', async () => {
  const { child, issuer } = await start();
  await administer(issuer, 'POST', '/accounts', { holder: drGrey, username: 'dr-grey' });
  const stopped = once(child, 'exit');
  child.kill('SIGTERM');
  await stopped;
  const files = await readdir(folder);
  const kept = await Promise.all(files.map((file) => readFile(path.join(folder, file), 'latin1')));
  expect(kept.join('')).not.toMatch(/dr-grey|hospital-a|HospitalAMSP/);
});

it('does not start with another key', async () => {
  const options = { dataFolder: folder, log: silentLog };
  await (await startIdentityServer({ ...options, key })).close();
  const other = startIdentityServer({ ...options, key: randomBytes(32).toString('hex') });
  await expect(other).rejects.toMatchObject({ code: 'IDENTITY_UNREADABLE' });
});

it('does not start on data that another has', async () => {
  const options = { dataFolder: folder, log: silentLog, key };
  const running = await startIdentityServer(options);
  await expect(startIdentityServer(options)).rejects.toMatchObject({ code: 'IDENTITY_START_FAILED' });
  await running.close();
});

it.each(['', 'abc', 'g'.repeat(64)])('does not start with %j for a key', async (wrong) => {
  const started = startIdentityServer({ dataFolder: folder, log: silentLog, key: wrong });
  await expect(started).rejects.toMatchObject({ code: 'IDENTITY_CONFIGURATION' });
});
