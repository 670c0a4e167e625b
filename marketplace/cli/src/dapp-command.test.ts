import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  provenanceFile,
  provenanceOf,
  readPackage,
  signPackage,
  verifySignature,
} from '@medigraph/dapp-package';
import { reviewPackage } from '@medigraph/dapp-review';
import { cp, mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { runTests, testFiles } from './build/run-tests.js';
import { createDApp, KeyStore, packDApp, templateNames } from './index.js';

const kit = fileURLToPath(new URL('../../sdk', import.meta.url));
let parent: string;

beforeAll(async () => {
  parent = await mkdtemp(path.join(tmpdir(), 'medigraph-dapp-'));
});
afterAll(() => rm(parent, { recursive: true, force: true }));

/** A new DApp with the kit where `npm install` would link it. */
async function created(id: string, template: string): Promise<string> {
  const folder = await createDApp({ id, template, publisher: 'city-clinic', parent });
  await mkdir(path.join(folder, 'node_modules/@medigraph'), { recursive: true });
  await symlink(kit, path.join(folder, 'node_modules/@medigraph/dapp'));
  return folder;
}

describe.each(await templateNames())('template %s', (template) => {
  const id = `my-${template}`;
  let folder: string;
  beforeAll(async () => {
    folder = await created(id, template);
  });

  test('its tests pass', async () => {
    await runTests({ folder, files: (await testFiles(folder)).unit });
  });

  test('its package passes the review, and says what it is', async () => {
    const { files, manifest } = await packDApp(folder);
    expect(manifest).toMatchObject({ id, publisher: 'city-clinic' });
    const findings = await reviewPackage(files);
    expect(findings.map(({ code }) => code)).toEqual(['LOCK_FILE_MISSING']);
  });

  test('another folder with the same files makes the same bytes', async () => {
    const copy = path.join(parent, 'elsewhere', 'deeper', template);
    await cp(folder, copy, { recursive: true });
    const [first, second] = [await packDApp(folder), await packDApp(copy)];
    expect(second.sha256).toBe(first.sha256);
    expect((await readPackage(first.archive)).sha256).toBe(first.sha256);
  });
});

test('tests run on the bundle that is packed beside them', async () => {
  const folder = await created('swapped', 'basic');
  const { files, manifest } = await packDApp(folder);
  const { entry } = manifest.contracts;
  const bundle = Buffer.from(files.get(entry) ?? '').toString();
  const other = new Map(files).set(entry, Buffer.from(bundle.replace('Greeted', 'Waved')));
  other.delete(provenanceFile);
  const statement = provenanceOf(other, { entry: 'src/index.ts', sources: new Map(), tools: {} });
  other.set(provenanceFile, Buffer.from(JSON.stringify(statement)));
  expect(bundle).toContain('Greeted');
  const codes = (await reviewPackage(other)).map(({ code }) => code);
  expect(codes).toContain('TEST_FAILED');
}, 60_000);

test('a contract says of itself what the comments above it say', async () => {
  const folder = await created('commented', 'basic');
  const source = path.join(folder, 'src/index.ts');
  const change = '@deprecated Use another.\n   * @returns the greeting\n   * @param words';
  await writeFile(source, (await readFile(source, 'utf8')).replace('@param words', change));
  await writeFile(
    path.join(folder, 'src/metadata.test.ts'),
    `import { assertHas, DAppBench } from '@medigraph/dapp/testing';
import { test } from 'node:test';
import { contracts } from './index.js';

test('metadata', async () => {
  const { contracts: found, components } = await new DAppBench({ contracts, dapp: 'commented' }).metadata();
  assertHas(found['Greetings']?.info, { description: 'Greetings that people leave.' });
  assertHas(found['Greetings']?.transactions.find(({ name }) => name === 'greet'), {
    description: 'Leaves a greeting.',
    deprecated: 'Use another.',
    parameters: [{ name: 'words', description: 'What to say.', schema: { maxLength: 200 } }],
    returns: { $ref: '#/components/schemas/Greeting', description: 'the greeting' },
  });
  assertHas(components.schemas['Greeting'], {
    description: 'A greeting that somebody left.',
    properties: { at: { description: 'When.', format: 'date-time' } },
  });
});
`,
  );
  const findings = await reviewPackage((await packDApp(folder)).files);
  expect(findings.map(({ code, message }) => `${code} ${message}`)).toEqual([
    expect.stringMatching(/^LOCK_FILE_MISSING /),
  ]);
}, 60_000);

test('a test that fails is told', async () => {
  const folder = await created('failing', 'basic');
  await rm(path.join(folder, 'src/greetings.test.ts'));
  await writeFile(
    path.join(folder, 'src/broken.test.ts'),
    "import { test } from 'node:test';\ntest('no', () => { throw new Error('no'); });\n",
  );
  await expect(runTests({ folder, files: (await testFiles(folder)).unit })).rejects.toMatchObject({
    code: 'TESTS_FAILED',
  });
  expect(await reviewPackage((await packDApp(folder)).files)).toContainEqual({
    check: 'tests',
    severity: 'error',
    code: 'TEST_FAILED',
    message: 'no: no',
    location: 'tests/index.cjs',
  });
});

test('contracts that fail as they are loaded are told', async () => {
  const folder = await created('unloadable', 'basic');
  const source = path.join(folder, 'src/index.ts');
  await writeFile(source, `${await readFile(source, 'utf8')}throw new Error('not like this');\n`);
  await expect(runTests({ folder, files: (await testFiles(folder)).unit })).rejects.toMatchObject({
    code: 'TESTS_FAILED',
  });
});

describe('refused is', () => {
  test.each([
    ['an id that is none', { id: 'My DApp' }, 'DAPP_ID_INVALID'],
    ['a template that is not there', { template: 'magic' }, 'TEMPLATE_UNKNOWN'],
  ])('%s', async (_what, change, code) => {
    const wanted = { id: 'refused', template: 'basic', publisher: 'city-clinic', parent, ...change };
    await expect(createDApp(wanted)).rejects.toMatchObject({ code });
  });

  test('a folder that has files', async () => {
    await mkdir(path.join(parent, 'taken'));
    await writeFile(path.join(parent, 'taken', 'a'), '');
    const wanted = { id: 'taken', template: 'basic', publisher: 'city-clinic', parent };
    await expect(createDApp(wanted)).rejects.toMatchObject({ code: 'FOLDER_NOT_EMPTY' });
  });

  test('a contract that nobody would understand in the graph, or that is misspelt, naming the place', async () => {
    const folder = await created('undescribed', 'basic');
    const source = path.join(folder, 'src/index.ts');
    const written = await readFile(source, 'utf8');
    const refusal = (message: string) => ({ code: 'BUILD_FAILED', message });
    await writeFile(source, written.replace('/** What was said. */', ''));
    await expect(packDApp(folder)).rejects.toMatchObject(
      refusal(
        "src/index.ts:22:4: Greeting.words has no description: write a comment /** … */ above it, or @Property('…')",
      ),
    );
    await writeFile(source, written.replace('words!', 'words!!'));
    await expect(packDApp(folder)).rejects.toMatchObject({
      code: 'BUILD_FAILED',
      message: expect.stringMatching(/^src\/index\.ts:23:\d+: /),
    });
  });

  test('to pack where there is no DApp, or one that does not compile', async () => {
    await expect(packDApp(parent)).rejects.toMatchObject({ code: 'DAPP_MISSING' });
    const folder = await created('broken', 'basic');
    await writeFile(path.join(folder, 'src/index.ts'), "export { contracts } from './nowhere.js';\n");
    await expect(packDApp(folder)).rejects.toMatchObject({
      code: 'BUILD_FAILED',
      message: expect.stringMatching(/src\/index\.ts:1:/),
    });
  });
});

describe('keys', () => {
  test('one is kept encrypted, for its owner alone, and never written over', async () => {
    const configuration = path.join(parent, 'configuration');
    const store = new KeyStore(configuration);
    const { kid, publicKey } = await store.create('clinic', 'correct horse');
    const file = path.join(configuration, 'publisher-keys/clinic.pem');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await readFile(file, 'utf8')).toContain('ENCRYPTED');
    const claims = { dapp: 'notes', version: '1.0.0', package: 'a'.repeat(64) };
    const signature = await signPackage(claims, await store.open('clinic', 'correct horse'));
    await expect(verifySignature(claims, signature, [publicKey])).resolves.toBe(kid);
    await expect(store.create('clinic', 'correct horse')).rejects.toMatchObject({ code: 'KEY_EXISTS' });
    await expect(store.open('clinic', 'wrong horse')).rejects.toMatchObject({ code: 'KEY_UNREADABLE' });
    await expect(store.open('nobody', 'correct horse')).rejects.toMatchObject({ code: 'KEY_MISSING' });
    await expect(store.create('../evil', 'correct horse')).rejects.toMatchObject({
      code: 'KEY_NAME_INVALID',
    });
    expect(await store.list()).toEqual(['clinic']);
  });
});
