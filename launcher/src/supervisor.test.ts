import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type PartOptions, type ReadyMessage } from './child-part.js';
import { Supervisor } from './supervisor.js';

/** Listens where it is told to, or anywhere, and says where. */
const source = `import { createServer } from 'node:net';
const server = createServer();
server.listen(Number(process.env.PORT), '127.0.0.1', () => process.send({ type: 'ready', port: server.address().port }));
process.on('SIGTERM', () => process.exit(0));
`;
let folder: string;
let entry: string;
let notices: string[];
let supervisor: Supervisor;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'medigraph-supervisor-'));
  entry = path.join(folder, 'part.mjs');
  await writeFile(entry, source);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const part = (port: number): PartOptions => ({
  name: 'part',
  entry,
  env: { PORT: String(port) },
  onLog: () => undefined,
});
const portOf = (ready: ReadyMessage) => Number(ready['port']);
const started = () => supervisor.start(part(0), (first) => part(portOf(first)));
const pid = () => supervisor.parts[0]?.pid ?? 0;

beforeEach(() => {
  notices = [];
  supervisor = new Supervisor((message) => notices.push(message));
});
afterEach(() => supervisor.stop());

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await delay(20);
}
/** Waits until the port is free and takes it. */
async function taken(port: number): Promise<Server> {
  for (;;) {
    const server = createServer().listen(port, '127.0.0.1');
    if (
      await once(server, 'listening').then(
        () => true,
        () => false,
      )
    )
      return server;
  }
}

it('starts a part again that was killed, where it was', async () => {
  const ready = await started();
  process.kill(pid(), 'SIGKILL');
  await until(() => notices.includes('part is back'));
  expect(notices[0]).toBe('part killed by SIGKILL; starting it again');
  const taker = createServer().listen(portOf(ready), '127.0.0.1');
  await expect(once(taker, 'listening')).rejects.toMatchObject({ code: 'EADDRINUSE' });
});

it('waits for its port while that is taken by another', async () => {
  const ready = await started();
  const restarted = supervisor.restart('part');
  const taker = await taken(portOf(ready));
  await until(() => notices.length > 0);
  expect(notices[0]).toContain('EADDRINUSE');
  taker.close();
  expect(portOf(await restarted)).toBe(portOf(ready));
  expect(notices.at(-1)).toBe('part is back');
});

it('gives up a part that cannot come back, and says why', async () => {
  const ready = await started();
  const restarted = expect(supervisor.restart('part')).rejects.toMatchObject({ code: 'PART_GONE' });
  const taker = await taken(portOf(ready));
  expect(await supervisor.failed).toMatch(/part went down for the 6th time within a minute: .*EADDRINUSE/s);
  await restarted;
  taker.close();
}, 30_000);

it('leaves nothing behind that was on its way back when all is stopped', async () => {
  await started();
  const first = pid();
  process.kill(first, 'SIGKILL');
  await until(() => notices.length > 0);
  await delay(200);
  await supervisor.stop();
  const last = pid();
  expect(() => process.kill(last, 0)).toThrow('ESRCH');
  await expect(supervisor.restart('part')).rejects.toMatchObject({ code: 'PART_UNKNOWN' });
});
