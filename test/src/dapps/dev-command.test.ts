/** `medigraph dapp dev` as an author uses it: a folder, an editor, a terminal. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createDApp } from '@medigraph/dapp-cli';
import { GraphClient, openRunning } from '@medigraph/launcher';
import ts from 'typescript';
import { eventually } from '../system/eventually.js';

const cli = fileURLToPath(new URL('../../../launcher/dist/cli.js', import.meta.url));
const modules = fileURLToPath(new URL('../../../node_modules', import.meta.url));

const run = promisify(execFile);

/** What of a generated client is called here. */
interface Greeter {
  greet(given: { words: string }): Promise<{ result: { id: string } }>;
  read(given: { id: string }): Promise<object>;
  greeted(): AsyncGenerator<object, void>;
}

/** A source, compiled and loaded. */
async function imported(source: string): Promise<{ GreeterClient: new (graph: object) => Greeter }> {
  const { outputText } = ts.transpileModule(source, {
    compilerOptions: { module: ts.ModuleKind.ES2022, target: ts.ScriptTarget.ES2022 },
  });
  const file = path.join(parent, 'client.mjs');
  await writeFile(file, outputText);
  return (await import(file)) as { GreeterClient: new (graph: object) => Greeter };
}

let parent: string;
let source: string;
let child: ChildProcess;
let said = '';
let patient: GraphClient;

beforeAll(async () => {
  parent = await mkdtemp(path.join(tmpdir(), 'medigraph-dev-'));
  const folder = await createDApp({ id: 'greeter', publisher: 'authors', template: 'basic', parent });
  await symlink(modules, path.join(folder, 'node_modules'));
  source = path.join(folder, 'src', 'index.ts');
  const data = path.join(parent, 'data');
  child = spawn(process.execPath, ['--no-warnings', cli, 'dapp', 'dev', '--port', '0', '--data', data], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (text: string) => (said += text));
  await heard(/Stop with Ctrl-C/, 100_000);
  const { run, tokenFor } = await openRunning(data);
  const [, role = ''] = /--as (patient:[0-9a-f]{40})/.exec(said) ?? [];
  patient = new GraphClient(run.url, await tokenFor(role));
}, 120_000);

afterAll(async () => {
  if (child.exitCode === null) {
    child.kill('SIGINT');
    await once(child, 'exit');
  }
  await rm(parent, { recursive: true, force: true });
}, 30_000);

const heard = (what: RegExp, patience = 20_000): Promise<string> =>
  eventually(
    `it says ${String(what)}`,
    () => said,
    (text) => what.test(text),
    patience,
  );

/** Saves a change of the source, and waits for what is said of it. */
async function save(change: (text: string) => string, answer: RegExp): Promise<void> {
  const before = said.length;
  await writeFile(source, change(await readFile(source, 'utf8')));
  await eventually(
    `it answers ${String(answer)}`,
    () => said.slice(before),
    (text) => answer.test(text),
    20_000,
  );
}

const greet = async (words: string): Promise<{ id: string; words: string }> => {
  const { greeter_greet } = await patient.request<{
    greeter_greet: { result: { id: string; words: string } };
  }>('mutation($words: String!) { greeter_greet(words: $words) { result { id words } } }', { words });
  return greeter_greet.result;
};
const read = async (id: string): Promise<string> => {
  const { greeter_read } = await patient.request<{ greeter_read: { words: string } }>(
    'query($id: String!) { greeter_read(id: $id) { words } }',
    { id },
  );
  return greeter_read.words;
};

test('it says what there is to ask, and a patient who has installed it can', async () => {
  expect(said).toMatch(/^ {2}mutation greeter_greet\(words: String!, idempotencyKey: ID\)$/m);
  expect((await greet('hello')).words).toBe('hello');
});

test('what is saved runs at once, on what was written before', async () => {
  const { id } = await greet('hello');
  await save(
    (text) => text.replace('transactionId, words,', 'transactionId, words: `${words}!`,'),
    /reloaded in \d+ ms\n/,
  );
  expect((await greet('hello')).words).toBe('hello!');
  expect(await read(id)).toBe('hello');
}, 60_000);

test('its client is typed, and its reference says what there is', async () => {
  const folder = path.dirname(path.dirname(source));
  const ask = ['--as', 'hospital-a', '--data', path.join(parent, 'data')];
  for (const name of ['client', 'reference'])
    await run(process.execPath, ['--no-warnings', cli, 'dapp', name, ...ask], { cwd: folder });
  const reference = await readFile(path.join(folder, 'build', 'greeter.md'), 'utf8');
  expect(reference).toContain('### greeter_greet\n\nLeaves a greeting.\n\n| argument | type |');

  const file = path.join(folder, 'build', 'greeter-client.ts');
  const use = path.join(folder, 'build', 'use.ts');
  await writeFile(
    use,
    `import { GreeterClient, type GraphTransport } from './greeter-client.js';
export async function use(graph: GraphTransport): Promise<readonly [string | undefined, string | undefined, number]> {
  const client = new GreeterClient(graph);
  const { result, transaction } = await client.greet({ words: 'typed' });
  const read = await client.read({ id: result?.id ?? '' });
  // @ts-expect-error: it takes words.
  await client.greet({}).catch(() => undefined);
  for await (const { item } of client.greeted()) return [read?.words, item?.words, transaction.block];
  throw new Error('nobody was told');
}
`,
  );
  const options: ts.CompilerOptions = {
    strict: true,
    noUncheckedIndexedAccess: true,
    exactOptionalPropertyTypes: true,
    noEmit: true,
    module: ts.ModuleKind.NodeNext,
    target: ts.ScriptTarget.ES2022,
    lib: ['lib.es2023.d.ts'],
    types: [],
  };
  const program = ts.createProgram([file, use], options);
  const wrong = ts.getPreEmitDiagnostics(program).map(({ messageText }) => messageText);
  expect(wrong).toEqual([]);

  const client = await imported(await readFile(file, 'utf8'));
  const told: unknown[] = [];
  const transport = {
    request: (query: string, variables: Record<string, unknown>) => patient.request(query, variables),
    subscribe: (query: string, variables: Record<string, unknown>) => patient.stream(query, variables),
  };
  const greeter = new client.GreeterClient(transport);
  const events = greeter.greeted();
  const first = events.next();
  const { result } = await eventually(
    'it is greeted',
    () => greeter.greet({ words: 'typed' }),
    () => true,
  );
  expect(await greeter.read({ id: result.id })).toMatchObject({ words: 'typed!' });
  told.push((await first).value);
  expect(told).toMatchObject([{ item: { words: 'typed!' } }]);
  await events.return(undefined);
}, 60_000);

test('another interface is another graph', async () => {
  await save(
    (text) =>
      text.replace(
        '  /**\n   * The greeting of an id.',
        `  /**
   * How many letters.
   * @param words - Of what.
   */
  @Evaluation()
  @Returns('number')
  async letters(_ctx: DAppContext, @Param('words') words: string): Promise<number> {
    return words.length;
  }

  /**
   * The greeting of an id.`,
      ),
    /reloaded in \d+ ms, and the graph with it/,
  );
  expect(await patient.request('{ greeter_letters(words: "four") }')).toEqual({ greeter_letters: 4 });
}, 60_000);

test.each([
  [
    'does not build',
    'const broken = ;\n',
    /BUILD_FAILED: src\/index\.ts:\d+:\d+: Expression expected\nWhat ran before runs on/,
  ],
  ['fails as it is loaded', "throw new Error('not like this');\n", /not like this\nWhat ran before runs on/],
])(
  'a source that %s is told of, and what ran before runs on',
  async (_what, line, answer) => {
    const good = await readFile(source, 'utf8');
    await save((text) => text + line, answer);
    expect((await greet('hello')).words).toBe('hello!');
    await save(() => good, /reloaded in \d+ ms\n/);
  },
  60_000,
);

test('Ctrl-C ends it, whatever a reload waits for', async () => {
  const bundle = path.join(parent, 'data', 'development', 'contracts.cjs');
  await writeFile(source, `${await readFile(source, 'utf8')}\nfor (;;);\n`);
  await eventually(
    'the contracts that never load',
    () => readFile(bundle, 'utf8'),
    (text) => /for \(; *; *\)/.test(text),
  );
  const before = said.length;
  const ended = once(child, 'exit');
  child.kill('SIGINT');
  expect(await ended).toEqual([0, null]);
  // It was told to stop, and has no word of a reload any more.
  expect(said.slice(before)).toBe('\nStopping …\n');
}, 30_000);
