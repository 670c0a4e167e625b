import { describe, expect, test } from '@jest/globals';
import { provenanceFile, provenanceOf } from '@medigraph/dapp-package';
import { dependencyFindings } from './dependencies.js';
import { checkPackage, refuses } from './index.js';
import { licenceFindings } from './licence.js';

const bytes = (value: unknown) =>
  new Uint8Array(Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)));

const manifest = {
  id: 'notes',
  name: 'Notes',
  summary: 'Keeps notes.',
  publisher: 'city-clinic',
  version: '1.0.0',
  license: 'Apache-2.0',
  categories: ['care'],
  medigraph: '^0.1.0',
  contracts: { entry: 'contracts/index.js', names: ['Notes'] },
  support: {},
};
const bundle = `
const { Contract } = require('fabric-contract-api');
class Notes extends Contract {
  async keep(ctx, text) { await ctx.stub.putState('note', Buffer.from(text)); }
}
module.exports.contracts = [Notes];
`;
const dependency = {
  version: '1.0.0',
  resolved: 'https://packages.example/left/-/left-1.0.0.tgz',
  integrity: `sha512-${'a'.repeat(86)}==`,
  license: 'MIT',
};
const lockOf = (packages: object) => ({ lockfileVersion: 3, packages });

/** A package whose provenance says what is in it. */
function packageOf(changes: Readonly<Record<string, unknown>> = {}) {
  const content = {
    'medigraph.json': manifest,
    'contracts/index.js': bundle,
    'package-lock.json': lockOf({ '': {}, 'node_modules/left': dependency }),
    ...changes,
  };
  const files = new Map(Object.entries(content).map(([name, value]) => [name, bytes(value)]));
  const stated = provenanceOf(files, { entry: 'src/index.ts', sources: new Map(), tools: {} });
  return new Map([...files, [provenanceFile, bytes(stated)]]);
}

const codesOf = async (changes?: Readonly<Record<string, unknown>>) =>
  (await checkPackage(packageOf(changes))).map(({ severity, code, location }) => [severity, code, location]);

test('an honest package has nothing to find', async () => {
  const findings = await checkPackage(packageOf());
  expect(findings).toEqual([]);
  expect(refuses(findings)).toBe(false);
});

describe('the manifest', () => {
  test('one that is not valid is the only thing found', async () => {
    expect(await codesOf({ 'medigraph.json': { ...manifest, version: '1' } })).toEqual([
      ['error', 'MANIFEST_INVALID', 'medigraph.json'],
    ]);
  });

  test.each([
    ['a contract that is not there', { contracts: { ...manifest.contracts, names: ['Notes', 'Other'] } }],
    ['a field for a transaction that is not there', { graph: { names: { 'Notes:drop': 'drop' } } }],
    [
      'an entity of a type that is not there',
      { graph: { entities: { Note: { key: 'id', find: 'Notes:keep' } } } },
    ],
    [
      'another name for a parameter that is not there',
      { graph: { arguments: { 'Notes:keep': { nothing: 'text' } } } },
    ],
    ['an event of a type that is not there', { graph: { events: { Kept: { type: 'Note' } } } }],
  ])('that lies about its contracts is refused: %s', async (_what, change) => {
    const findings = await checkPackage(packageOf({ 'medigraph.json': { ...manifest, ...change } }));
    expect(findings.map(({ code }) => code)).toContain('MANIFEST_UNTRUE');
    expect(refuses(findings)).toBe(true);
  });

  test('one that hides a contract is refused', async () => {
    const more = bundle.replace('[Notes]', '[Notes, class Hidden extends Contract {}]');
    const findings = await checkPackage(packageOf({ 'contracts/index.js': more }));
    expect(findings).toEqual([
      expect.objectContaining({
        severity: 'error',
        code: 'MANIFEST_UNTRUE',
        message: expect.stringContaining('Hidden'),
      }),
    ]);
  });

  test('scopes are compared with what contracts ask', async () => {
    const asking = `${bundle}\nexports.ask = (ctx) => ctx.consents.require({ patient: 'x', purpose: 'HRESCH' });`;
    const scopes = { required: [{ id: 'read', reason: 'To treat you.', purpose: ['TREAT'] }] };
    expect(
      await codesOf({ 'contracts/index.js': asking, 'medigraph.json': { ...manifest, scopes } }),
    ).toEqual([
      ['warning', 'SCOPE_NOT_ASKED', 'medigraph.json:scopes'],
      ['note', 'SCOPE_UNUSED', 'medigraph.json:scopes'],
    ]);
  });

  test('a purpose that contracts have as a constant is not taken for unused', async () => {
    const asking = `${bundle}\nconst purpose = 'HRESCH';\nmodule.exports.ask = { purpose };`;
    const scopes = { required: [{ id: 'research', reason: 'To count.', purpose: ['HRESCH'] }] };
    expect(
      await codesOf({ 'contracts/index.js': asking, 'medigraph.json': { ...manifest, scopes } }),
    ).toEqual([]);
  });
});

describe('the bundle', () => {
  test('what it does is found where it stands, and it is not loaded', async () => {
    const evil = `${bundle}\nrequire('fs').writeFileSync('x', 'y');`;
    expect(await codesOf({ 'contracts/index.js': evil })).toEqual([
      ['error', 'FILE_ACCESS', 'contracts/index.js:8:1'],
    ]);
  });

  test.each([
    ['module syntax', 'export const contracts = [];', 'BUNDLE_UNREADABLE'],
    ['no JavaScript', 'contracts!', 'BUNDLE_UNREADABLE'],
    ['a tree too deep to walk', `x = ${'['.repeat(50_000)}${']'.repeat(50_000)}`, 'BUNDLE_UNREADABLE'],
    ['more than anybody reads', '/'.repeat(6_000_000), 'BUNDLE_TOO_LARGE'],
    ['no contracts', 'module.exports = {};', 'CONTRACTS_UNLOADABLE'],
    ['an error when it is loaded', 'throw new Error("no");', 'CONTRACTS_UNLOADABLE'],
    ['a list of something else', 'module.exports.contracts = [1];', 'CONTRACTS_UNLOADABLE'],
  ])('%s is refused', async (_what, text, code) => {
    expect(
      (await codesOf({ 'contracts/index.js': text })).map(([severity, found]) => [severity, found]),
    ).toEqual([['error', code]]);
  });

  test('what the analysis does not see reaches nothing when it is loaded', async () => {
    const hidden = `
const make = (() => 0)[['con', 'structor'].join('')];
const own = make('return process')();
throw new Error('secret: ' + own.getBuiltinModule('fs').readFileSync('/proc/' + own.ppid + '/environ', 'utf8'));`;
    const [finding] = await checkPackage(packageOf({ 'contracts/index.js': hidden }));
    expect(finding).toMatchObject({
      severity: 'error',
      code: 'CONTRACTS_UNLOADABLE',
      message: expect.stringContaining('Code generation from strings disallowed') as unknown,
    });
  });

  test('one that is not there is refused', async () => {
    const contracts = { entry: 'contracts/other.js', names: ['Notes'] };
    expect(await codesOf({ 'medigraph.json': { ...manifest, contracts } })).toEqual([
      ['error', 'BUNDLE_MISSING', 'contracts/other.js'],
    ]);
  });

  test('of many breaches ten are told and the others counted', async () => {
    const evil = 'Math.random();\n'.repeat(25);
    const findings = await checkPackage(packageOf({ 'contracts/index.js': evil }));
    expect(findings).toHaveLength(10);
    expect(findings[9]?.message).toMatch(/\(and 15 more\)$/);
  });
});

describe('licences', () => {
  test.each([
    ['Apache-2.0', []],
    ['MIT OR Proprietary-Stuff', ['LICENCE_UNKNOWN']],
    ['(MIT OR BUSL-1.1)', []],
    ['MIT AND BUSL-1.1', ['LICENCE_NOT_OPEN']],
    ['Elastic-2.0', ['LICENCE_NOT_OPEN']],
    ['SEE LICENSE IN file', ['LICENCE_UNKNOWN']],
    ['CC0-1.0', []],
  ])('%s', (licence, expected) => {
    expect(licenceFindings('licence', 'it', licence, 'here').map(({ code }) => code)).toEqual(expected);
  });
});

describe('dependencies', () => {
  const found = (content: unknown) =>
    dependencyFindings(packageOf({ 'package-lock.json': content })).map(({ severity, code, location }) => [
      severity,
      code,
      location,
    ]);

  test.each([
    ['no digest', { integrity: undefined }, 'error', 'INTEGRITY_MISSING'],
    ['a weak digest', { integrity: 'sha1-aaaa' }, 'error', 'INTEGRITY_MISSING'],
    ['the name of a digest', { integrity: 'sha512-' }, 'error', 'INTEGRITY_MISSING'],
    ['another way than https', { resolved: 'git+ssh://git@example.com/left.git' }, 'error', 'SOURCE_UNSAFE'],
    ['a script at its installation', { hasInstallScript: true }, 'warning', 'INSTALL_SCRIPT'],
    ['a closed licence', { license: 'BUSL-1.1' }, 'error', 'LICENCE_NOT_OPEN'],
    ['no licence', { license: undefined }, 'warning', 'LICENCE_MISSING'],
  ])('%s is found', (_what, change, severity, code) => {
    const packages = { 'node_modules/left': { ...dependency, ...change } };
    expect(found(lockOf(packages))).toEqual([[severity, code, 'package-lock.json:node_modules/left']]);
  });

  test('what only builds, or is linked, is not looked at', () => {
    const packages = {
      'node_modules/tool': { version: '1.0.0', dev: true, hasInstallScript: true, license: 'BUSL-1.1' },
      'node_modules/@medigraph/dapp': { link: true, resolved: '../sdk' },
    };
    expect(found(lockOf(packages))).toEqual([]);
  });

  test('a lock file that is none is refused', () => {
    expect(found([])).toEqual([['error', 'LOCK_FILE_INVALID', 'package-lock.json']]);
  });
});

test('a package that is not what its provenance says is refused', async () => {
  const files = new Map([...packageOf(), ['contracts/index.js', bytes(`${bundle}\n`)]]);
  expect((await checkPackage(files)).map(({ code }) => code)).toEqual(['PROVENANCE_UNTRUE']);
});
