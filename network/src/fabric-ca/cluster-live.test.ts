import { type CaClient as Client, CaClient } from '@medigraph/platform/ca';
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { authoritiesOf } from '../certificate-authorities.js';
import { generateMaterial } from '../material/generate.js';
import { findProgram } from '../native/binaries.js';
import { sampleDescription } from '../native/testing/sample-network.js';
import { writeCluster } from './cluster.js';

const run = promisify(execFile);

/** Debian keeps the programs of each version of PostgreSQL in a folder of their own. */
async function findPostgres(): Promise<string | undefined> {
  const versions = await readdir('/usr/lib/postgresql').catch(() => []);
  const folders = versions.map((version) => path.join('/usr/lib/postgresql', version, 'bin'));
  const PATH = [...folders, process.env['PATH'] ?? ''].join(path.delimiter);
  const [initdb, psql] = await Promise.all(['initdb', 'psql'].map((name) => findProgram(name, { PATH })));
  return initdb && psql && path.dirname(psql);
}

const sbin = { PATH: [process.env['PATH'] ?? '', '/usr/sbin'].join(path.delimiter) };
const [fabricCaServer, haproxy, postgres] = await Promise.all([
  findProgram('fabric-ca-server'),
  findProgram('haproxy', sbin),
  findPostgres(),
]);
// Without the programs on this machine the tests below are reported as skipped.
const describeWithPrograms = fabricCaServer && haproxy && postgres ? describe : describe['skip'];

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await once(server.close(), 'close');
  return port;
}

/** Tries until it does not fail any more. */
async function patiently<T>(what: () => Promise<T>, seconds = 60): Promise<T> {
  const until = Date.now() + seconds * 1000;
  for (;;) {
    try {
      return await what();
    } catch (error) {
      if (Date.now() > until) throw error;
      await delay(100);
    }
  }
}

async function healthy(operationsPort: number): Promise<void> {
  const { ok } = await fetch(`http://127.0.0.1:${operationsPort}/healthz`);
  if (!ok) throw new Error('not healthy');
}

describeWithPrograms('a cluster of two Fabric CA servers behind HAProxy, on one PostgreSQL', () => {
  const children: ChildProcess[] = [];
  let folder: string;
  let client: Client;
  let registrarSecret: string;
  let servers: ChildProcess[];

  const start = (command: string, args: readonly string[], options: Parameters<typeof spawn>[2] = {}) => {
    const child = spawn(command, [...args], { stdio: 'ignore', ...options });
    children.push(child);
    return child;
  };
  const end = async (child: ChildProcess, signal: NodeJS.Signals) => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill(signal);
    await once(child, 'exit');
  };

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'medigraph-ca-live-'));
    const [databasePort = 0, proxyPort = 0, ...ports] = await Promise.all([1, 2, 3, 4, 5, 6].map(freePort));
    const material = path.join(folder, 'organizations');
    await generateMaterial(sampleDescription, material);
    const [authority] = authoritiesOf(sampleDescription);
    if (!authority) throw new Error('the sample network has no authority');
    const organization = path.join(material, 'peerOrganizations', authority.domain);
    const members = [0, 1].map((index) => ({
      name: `ca${index + 1}`,
      host: '127.0.0.1',
      port: ports[2 * index] ?? 0,
      operationsPort: ports[2 * index + 1] ?? 0,
      listen: '127.0.0.1',
    }));
    const files = await writeCluster(path.join(folder, 'cluster'), {
      authority,
      organization,
      servers: members,
      database: { host: '127.0.0.1', port: databasePort },
      bind: `127.0.0.1:${proxyPort}`,
    });

    // PostgreSQL refuses to run as root: then another user of the machine runs it.
    const [uid, gid] =
      process.getuid?.() === 0
        ? await Promise.all(
            ['-u', '-g'].map(async (flag) => Number((await run('id', [flag, 'postgres'])).stdout)),
          )
        : [];
    const as = uid === undefined || gid === undefined ? {} : { uid, gid };
    await chmod(folder, 0o755);
    const data = path.join(folder, 'postgres');
    await mkdir(data);
    if (uid !== undefined) await run('chown', [`${uid}`, data]);
    const password = path.join(folder, 'administrator');
    await writeFile(password, 'administrator');
    const program = (name: string) => path.join(postgres ?? '', name);
    const initdb = ['-D', data, '-U', 'administrator', '-A', 'scram-sha-256', `--pwfile=${password}`];
    await run(program('initdb'), initdb, { ...as, cwd: data });
    const listening = ['-D', data, '-p', `${databasePort}`, '-h', '127.0.0.1', '-k', data];
    start(program('postgres'), listening, { ...as, cwd: data });
    const psql = ['-v', 'ON_ERROR_STOP=1', '-h', '127.0.0.1', '-p', `${databasePort}`, '-U', 'administrator'];
    const env = { ...process.env, PGPASSWORD: 'administrator' };
    await patiently(() => run(program('psql'), [...psql, '-c', 'SELECT 1', 'postgres'], { env }));
    await run(program('psql'), [...psql, '-f', files.sql, 'postgres'], { env });

    servers = [];
    for (const { name, operationsPort } of members) {
      servers.push(start(fabricCaServer ?? '', ['start', '--home', files.homes[name] ?? '']));
      // The first makes the tables, alone.
      await patiently(() => healthy(operationsPort));
    }
    start(haproxy ?? '', ['-f', files.haproxy, '-db']);
    client = new CaClient({
      url: `https://127.0.0.1:${proxyPort}`,
      tlsCaCertificate: await readFile(path.join(organization, 'ca', 'tls', 'ca.crt'), 'utf8'),
    });
    await patiently(() => client.info());
    registrarSecret = await readFile(path.join(organization, 'ca', 'registrar.secret'), 'utf8');
  }, 180_000);
  afterAll(async () => {
    // SIGINT is the fast shutdown of PostgreSQL.
    for (const child of [...children].reverse()) await end(child, 'SIGINT');
    await rm(folder, { recursive: true, force: true });
  });

  it('goes on enrolling when one server is killed, and knows what that one has issued', async () => {
    const registrar = await client.enroll('admin', registrarSecret);
    const enroll = async (name: string) => client.enroll(name, await client.register(registrar, { name }));
    const before = [];
    for (const name of ['one', 'two', 'three', 'four']) before.push(await enroll(name));
    const [first] = servers;
    if (first) await end(first, 'SIGKILL');
    const names = Array.from({ length: 20 }, (_, index) => `after-${index}`);
    for (const name of names) await expect(enroll(name)).resolves.toBeDefined();
    // Whichever server issued a certificate, the one that is left renews and revokes it.
    for (const [index, identity] of before.entries()) {
      const name = ['one', 'two', 'three', 'four'][index] ?? '';
      await expect(client.reenroll(name, identity)).resolves.toBeDefined();
      expect(await client.revoke(registrar, { name })).toHaveLength(2);
    }
  }, 120_000);
});
