import { expect, test } from '@jest/globals';
import { defaultCheckLimits, type PackageTestResult, runPackageTests } from './tests.js';

/** Contracts whose one transaction does as said. */
const contracts = (body: string): string => `
const { Contract } = require('fabric-contract-api');
let runs = 0;
class Notes extends Contract {
  constructor() { super('Notes'); }
  async write(ctx, key, value) { ${body} }
}
module.exports.contracts = [Notes];
`;
const sound = contracts(
  'await ctx.stub.getState(key); await ctx.stub.putState(key, Buffer.from(value)); return JSON.stringify(value);',
);

/** Tests that have a bench, in which somebody writes. */
const tests = (body: string): string => `
const test = require('node:test');
const assert = require('node:assert/strict');
const { DAppBench } = require('@medigraph/dapp/testing');
const { contracts } = require('medigraph:contracts');
const bench = new DAppBench({ contracts, dapp: 'notes' });
${body}
`;
const writing = tests(`
test.describe('notes', () => {
  test.it('are written', async () => {
    const { writes } = await bench.submit(await bench.person(), 'Notes:write', 'a', 'İi');
    assert.deepEqual([...writes.keys()], ['a']);
  });
});`);

const run = (bundle: string, tested: string, limits = {}): Promise<PackageTestResult> =>
  runPackageTests(
    { dapp: 'notes', version: '1.0.0', file: 'contracts.cjs', bundle, tests: tested },
    { ...defaultCheckLimits, ...limits },
  );

test('tests run on the contracts of the package, and what they do comes to the same elsewhere', async () => {
  const result = await run(sound, writing);
  expect(result).toMatchObject({ passed: 1, failed: [], divergences: [] });
  expect(result.report).toBeUndefined();
  expect([...result.transactions]).toEqual(['Notes:write']);
}, 60_000);

test('a test that fails is told with its name and why', async () => {
  const result = await run(
    sound,
    tests(`
test('good', () => {});
test('bad', async (t) => { await t.test('inner', () => assert.equal(1, 2, 'one is not two')); });
test('never ends by itself', () => new Promise(() => {}));`),
  );
  expect(result.passed).toBe(1);
  expect(result.failed).toContainEqual({
    name: 'bad > inner',
    reason: expect.stringContaining('one is not two') as unknown,
  });
  expect(result.failed).toHaveLength(2);
  expect(result.failed.map(({ name }) => name)).toContain('never ends by itself');
}, 60_000);

test.each([
  ['a loop without end', "test('a', () => { for (;;); });", { cpuMs: 1_000 }, 'CPU_EXCEEDED'],
  [
    'memory without end',
    "test('a', () => { const all = []; for (;;) all.push(new Array(1e5).fill(all.length)); });",
    { heapBytes: 64 * 1024 * 1024 },
    'MEMORY_EXCEEDED',
  ],
  [
    'work without end',
    "test('a', async () => { for (;;) await bench.person(); });",
    { totalMs: 3_000 },
    'TESTS_TIMED_OUT',
  ],
])(
  '%s is stopped',
  async (_what, body, limits, code) => {
    const { report } = await run(sound, tests(body), limits);
    expect(report?.code).toBe(code);
  },
  60_000,
);

test('tests reach no file, no network, no process, and make no code of text', async () => {
  const attempts = [
    "require('node:fs')",
    "require('node:net')",
    "process.binding('fs')",
    "globalThis.fetch('http://127.0.0.1')",
    "new Function('return 1')()",
    "test.constructor('return process')()",
    "eval('1')",
    'process.exit(0)',
  ];
  const { passed, failed } = await run(
    sound,
    tests(attempts.map((attempt, index) => `test('${index}', () => { ${attempt}; });`).join('\n')),
  );
  expect(passed).toBe(0);
  expect(failed).toHaveLength(attempts.length);
  const imported = await run(sound, tests("test('import', () => import('node:fs'));"));
  expect(imported.failed).toHaveLength(1);
}, 60_000);

test.each([
  [
    'the language of the machine',
    "await ctx.stub.putState(['zeta', 'tau'].sort((a, b) => a.localeCompare(b))[0], Buffer.from(value));",
    'writes',
    'tau',
  ],
  [
    'the time zone of the machine',
    'await ctx.stub.putState(`${key}${new Date(0).getHours()}`, Buffer.from(value));',
    'writes',
    'a0',
  ],
  [
    'how deep the stack of the machine is',
    'let depth = 0; const down = () => { depth += 1; down(); }; try { down(); } catch { await ctx.stub.putState(key, Buffer.from(String(depth))); }',
    'writes',
    'a',
  ],
  [
    'what ran before',
    'runs += 1; await ctx.stub.putState(key, Buffer.from(String(Math.ceil(runs / 2))));',
    'writes',
    'a',
  ],
])(
  'a transaction that comes to something else by %s is told with the key',
  async (_what, body, what, key) => {
    const twice = tests(`
test('writes', async () => {
  const ann = await bench.person();
  await bench.submit(ann, 'Notes:write', 'a', 'x');
  await bench.submit(ann, 'Notes:write', 'a', 'x');
});`);
    const { divergences, report, failed } = await run(contracts(body), twice);
    expect({ report, failed }).toEqual({ report: undefined, failed: [] });
    expect(divergences).toContainEqual({ name: 'Notes:write', what, key });
  },
  60_000,
);
