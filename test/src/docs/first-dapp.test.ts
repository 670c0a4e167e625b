/** The guide, done as it says, from an empty folder: each command in its order, then each operation. */
import { execFile } from 'node:child_process';
import { chmod, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { registerInstitutions, registerPatient } from '../system/case.js';
import { eventually } from '../system/eventually.js';
import { codesOf, RunningSystem } from '../system/running-system.js';

const run = promisify(execFile);
const guide = fileURLToPath(new URL('../../../docs/guides/first-dapp.md', import.meta.url));
const cli = fileURLToPath(new URL('../../../launcher/dist/cli.js', import.meta.url));

let folder: string;
let system: RunningSystem;
let patient: string;
let text: string;

beforeAll(async () => {
  text = await readFile(guide, 'utf8');
  folder = await realpath(await mkdtemp(path.join(tmpdir(), 'medigraph-guide-')));
  system = await RunningSystem.start();
  await registerInstitutions(system);
  patient = await registerPatient(system);
}, 120_000);
afterAll(async () => {
  await system.close();
  await rm(folder, { recursive: true, force: true });
});

const blocks = (language: string): string[] =>
  [...text.matchAll(new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, 'g'))].map(
    ([, block = '']) => block,
  );

/** `npx medigraph`, as the checkout has it. */
async function shim(): Promise<string> {
  const bin = await mkdtemp(path.join(folder, 'bin-'));
  const npx = path.join(bin, 'npx');
  await writeFile(npx, `#!/bin/sh\nshift\nexec "${process.execPath}" --no-warnings "${cli}" "$@"\n`);
  await chmod(npx, 0o755);
  return bin;
}

test('a stranger goes from an empty folder to a query on the graph', async () => {
  const began = performance.now();
  const env = {
    ...process.env,
    PATH: `${await shim()}${path.delimiter}${process.env['PATH'] ?? ''}`,
    MEDIGRAPH_DATA: system.folder,
    MEDIGRAPH_KEY_PASSPHRASE: 'a passphrase',
    XDG_CONFIG_HOME: path.join(folder, 'settings'),
  };
  const { stdout } = await run('sh', ['-ec', blocks('sh').join('\n')], { cwd: folder, env });
  expect(stdout).toContain('0.1.0  active');

  const self = `patient:${patient}`;
  const [install = ''] = blocks('graphql');
  await system.data(self, install);
  const [greet = ''] = blocks('text');
  const { data } = await eventually(
    'the greeting',
    () => system.ask(self, greet),
    (answer) => codesOf(answer).length === 0,
  );
  expect(data).toMatchObject({ myGreetings_greet: { result: { words: 'Hello, everybody' } } });
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  process.stderr.write(`first-dapp: from an empty folder to a query in ${seconds} s\n`);
}, 300_000);
