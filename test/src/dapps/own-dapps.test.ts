/** Our own DApps and what a new one begins as, like a stranger's: published on one network, and their tests on a network run there. */
import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createDApp, runTests, testFiles } from '@medigraph/dapp-cli';
import { networkVariable } from '@medigraph/dapp/integration';
import { IntegrationNetwork } from '@medigraph/launcher/dapps';

const dapps = fileURLToPath(new URL('../../../marketplace/dapps/', import.meta.url));
const modules = fileURLToPath(new URL('../../../node_modules', import.meta.url));
const names = ['appointments', 'pharma-trace', 'trials', 'greeter'] as const;
const folders = new Map<string, string>(names.map((name) => [name, path.join(dapps, name)]));
let parent: string;
let network: IntegrationNetwork;

beforeAll(async () => {
  parent = await mkdtemp(path.join(tmpdir(), 'medigraph-own-dapps-'));
  const greeter = await createDApp({ id: 'greeter', publisher: 'authors', template: 'basic', parent });
  await symlink(modules, path.join(greeter, 'node_modules'));
  folders.set('greeter', greeter);
  network = await IntegrationNetwork.start({
    folders: [...folders.values()],
    signal: new AbortController().signal,
    onPhase: () => undefined,
    onNotice: () => undefined,
  });
}, 180_000);
afterAll(async () => {
  await network.stop();
  await rm(parent, { recursive: true, force: true });
}, 60_000);

test.each(names)(
  '%s does on a network what it is for',
  async (name) => {
    const folder = folders.get(name) ?? '';
    const { integration: files } = await testFiles(folder);
    expect(files).not.toHaveLength(0);
    await runTests({ folder, files, environment: network.environment });
  },
  120_000,
);

test('who does not know its secret is given no token', async () => {
  const { service } = JSON.parse(network.environment[networkVariable] ?? '') as { service: string };
  for (const secret of ['', 'another']) {
    const response = await fetch(new URL('/token', service), {
      method: 'POST',
      headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
      body: JSON.stringify({ role: 'hospital-a' }),
    });
    expect(response.status).toBe(401);
    expect(await response.text()).not.toContain('token');
  }
});
