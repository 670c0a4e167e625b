import { execFile } from 'node:child_process';
import { access, mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import {
  type NetworkDescription,
  productionDescriptionFile,
  readNetworkDescription,
} from '@medigraph/network';
import { defaultLimits } from '@medigraph/dapp-sandbox';
import { composeFile, generateCompose, secretFiles } from '@medigraph/network/deployment';
import { parse } from 'yaml';
import { z } from 'zod';
import { platformPrograms } from './platform-programs.js';

const run = promisify(execFile);
const checkout = fileURLToPath(new URL('../../..', import.meta.url));

/** How compose is called here; undefined where it is not. */
async function findCompose(): Promise<readonly string[] | undefined> {
  for (const command of [['docker', 'compose'], ['docker-compose']]) {
    const [program = '', ...args] = command;
    const found = await run(program, [...args, 'version']).then(
      () => true,
      () => false,
    );
    if (found) return command;
  }
  return undefined;
}

const compose = await findCompose();
const itWithCompose = compose === undefined ? it['skip'] : it;

const hardened = z.object({
  image: z.string().regex(/^[a-z/-]+:\d+(\.\d+){1,2}$/),
  user: z.string().min(1),
  read_only: z.literal(true),
  cap_drop: z.tuple([z.literal('ALL')]),
  security_opt: z.tuple([z.literal('no-new-privileges:true')]),
  init: z.literal(true),
  restart: z.string(),
  deploy: z.object({
    resources: z.object({
      limits: z.object({ cpus: z.string(), memory: z.string(), pids: z.int().optional() }),
    }),
  }),
  networks: z.array(z.string()).default([]),
  ports: z.array(z.string()).default([]),
  environment: z.record(z.string(), z.string()).default({}),
  healthcheck: z.object({ test: z.array(z.string()) }).optional(),
  depends_on: z.record(z.string(), z.object({ condition: z.string() })).default({}),
  volumes: z.array(z.object({ source: z.string(), read_only: z.boolean().default(false) })).default([]),
  env_file: z.array(z.string()).default([]),
});
const document = z.object({
  services: z.record(z.string(), hardened),
  secrets: z.record(z.string(), z.object({ file: z.string() })),
  networks: z.record(z.string(), z.object({ internal: z.boolean().default(false) })),
});

describe('docker-compose.yml', () => {
  let description: NetworkDescription;
  let folder: string;
  beforeAll(async () => {
    description = await readNetworkDescription(productionDescriptionFile);
    folder = path.join(await mkdtemp(path.join(tmpdir(), 'medigraph-deployment-')), 'compose');
    await generateCompose(description, folder, platformPrograms, checkout);
  });
  afterAll(() => rm(path.dirname(folder), { recursive: true, force: true }));

  const read = () => document.parse(parse(composeFile(description, platformPrograms)));

  it('is as generated: npm run --silent medigraph -- network generate compose --print > docker-compose.yml', async () => {
    const checkedIn = await readFile(path.join(checkout, 'docker-compose.yml'), 'utf8');
    expect(checkedIn).toBe(composeFile(description, platformPrograms));
    expect(await readFile(path.join(folder, 'docker-compose.yml'), 'utf8')).toBe(checkedIn);
  });

  it('gives no service more than it needs, and waits only for what says when it is ready', () => {
    const { services } = read();
    const running = Object.entries(services).filter(([, { restart }]) => restart === 'unless-stopped');
    for (const [name, { healthcheck }] of running)
      expect([name, healthcheck?.test[0]]).toEqual([name, 'CMD']);
    for (const { depends_on: waits } of Object.values(services)) {
      for (const [other, { condition }] of Object.entries(waits)) {
        const expected = services[other]?.healthcheck ? 'service_healthy' : 'service_completed_successfully';
        expect([other, condition]).toEqual([other, expected]);
      }
    }
  });

  it('mounts nothing that is not generated, and keys of an organisation only to its own node', async () => {
    const { services, secrets } = read();
    const here = (source: string) => source.replace(/\$\{MEDIGRAPH_DEPLOYMENT:-[^}]*\}/, folder);
    const sources = Object.values(services).flatMap(({ volumes, env_file: files }) => [
      ...volumes.map(({ source }) => source),
      ...files,
    ]);
    for (const source of [...sources, ...Object.values(secrets).map(({ file }) => file)]) {
      await access(here(source));
    }
    for (const [name, { volumes }] of Object.entries(services)) {
      const keys = volumes.filter(({ source }) => source.includes('/organizations'));
      if (name === 'network-init') continue;
      for (const { source, read_only: readOnly } of keys) {
        // Who runs DApps installs them for the organisations: as their administrators, of which it needs nothing else.
        const own = name === 'dapps' ? /\/users\/Admin@[a-z.-]+$/.test(source) : source.endsWith(`/${name}`);
        expect([own, readOnly]).toEqual([true, true]);
      }
    }
  });

  it('runs DApps where only peers and documents are, bounded, and with nothing that leads out', () => {
    const { services, networks } = read();
    const { dapps } = services;
    expect(dapps?.networks).toEqual(['dapps']);
    expect(networks['dapps']?.internal).toBe(true);
    expect(dapps?.ports).toEqual([]);
    const beside = Object.entries(services).filter(([, { networks: of }]) => of.includes('dapps'));
    for (const [name] of beside) expect(name).toMatch(/^(dapps|peer\d\.|mongodb\d)/);
    const { memory, pids = 0 } = dapps?.deploy.resources.limits ?? { memory: '' };
    const megabytes = Number(/^(\d+)M$/.exec(memory)?.[1]);
    // A dozen versions at their bound, each with the threads that Node has.
    expect(megabytes).toBeGreaterThanOrEqual((12 * defaultLimits.residentBytes) / (1024 * 1024));
    expect(pids).toBeGreaterThanOrEqual(12 * 16);
    const [first = 0, last = 0] = (dapps?.environment['MEDIGRAPH_DAPPS_PORTS'] ?? '').split('-').map(Number);
    expect(last - first).toBe(99);
  });

  it('lets the graph register clients of DApps at the provider, without its key', () => {
    const { services } = read();
    const given = (name: string) => services[name]?.environment ?? {};
    const secret = given('platform')['MEDIGRAPH_DAPP_CLIENTS_SECRET_FILE'];
    expect(secret).toBe(given('identity')['MEDIGRAPH_IDENTITY_ADMINISTRATION_FILE']);
    expect(given('platform')['MEDIGRAPH_DAPP_CLIENTS_URL']).toBe('http://identity:4001');
    expect(JSON.stringify(services['platform'])).not.toContain('identity-key');
  });

  it('has no secret in it, and each in a file for its owner alone', async () => {
    const text = await readFile(path.join(folder, 'docker-compose.yml'), 'utf8');
    const environment = await readFile(path.join(folder, '.env'), 'utf8');
    for (const file of Object.values(secretFiles)) {
      const where = path.join(folder, file);
      const secret = await readFile(where, 'utf8');
      expect(text.includes(secret) || environment.includes(secret)).toBe(false);
      expect((await stat(where)).mode & 0o077).toBe(0);
    }
  });

  it('keeps keys, first blocks and secrets when it is generated again', async () => {
    const kept = ['channels/care.block', ...Object.values(secretFiles), 'services/ca.crt', 'suites/care.env'];
    const contents = () => Promise.all(kept.map((file) => readFile(path.join(folder, file), 'utf8')));
    const before = await contents();
    await generateCompose(description, folder, platformPrograms, checkout);
    expect(await contents()).toEqual(before);
  });

  itWithCompose('is accepted by compose', async () => {
    const [program = '', ...args] = compose ?? [];
    const { stdout } = await run(program, [...args, 'config', '--services'], { cwd: folder });
    expect(stdout.trim().split('\n').sort()).toEqual(Object.keys(read().services).sort());
  });
});
