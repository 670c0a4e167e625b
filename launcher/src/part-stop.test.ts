import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const stopModule = fileURLToPath(new URL('./part-stop.js', import.meta.url));
const patienceMs = 300;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'medigraph-part-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** A part that ends in that way, once it is ready. @param before - what it does before it knows how to stop */
async function part(close: string, before = ''): Promise<ChildProcess> {
  const file = path.join(folder, `${Math.random()}.mjs`);
  const text = `import { stopWhenTold } from ${JSON.stringify(stopModule)};
setInterval(() => undefined, 1_000);
process.send('begun');
${before}
stopWhenTold(${close}, ${patienceMs});
if (process.connected) process.send('ready');`;
  await writeFile(file, text);
  const child = fork(file, { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
  await once(child, 'message');
  return child;
}
const ready = async (child: ChildProcess): Promise<ChildProcess> => {
  await once(child, 'message');
  return child;
};
/** Exit code and signal. */
const ended = (child: ChildProcess) => once(child, 'exit');

it.each(['SIGTERM', 'SIGINT'] as const)('ends as it closes when it is told by %s', async (signal) => {
  const child = await ready(await part('() => Promise.resolve()'));
  const end = ended(child);
  child.kill(signal);
  expect(await end).toEqual([0, null]);
});

it('says that it could not close', async () => {
  const child = await ready(await part("() => Promise.reject(new Error('no'))"));
  const end = ended(child);
  child.kill('SIGTERM');
  expect(await end).toEqual([1, null]);
});

it('ends though what it waits for is gone, when whoever started it is', async () => {
  const child = await ready(await part('() => new Promise(() => undefined)'));
  const end = ended(child);
  child.disconnect();
  expect(await end).toEqual([1, null]);
});

it('ends where whoever started it was gone before it was ready', async () => {
  const child = await part(
    '() => Promise.resolve()',
    "await new Promise((gone) => process.once('disconnect', gone));",
  );
  const end = ended(child);
  child.disconnect();
  expect(await end).toEqual([0, null]);
});
