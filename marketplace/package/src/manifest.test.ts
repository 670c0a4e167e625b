import { describe, expect, test } from '@jest/globals';
import { manifestOf, parseManifest, provenanceFaults, provenanceFile, provenanceOf } from './index.js';

const text = (content: string) => new Uint8Array(Buffer.from(content));
const manifest = {
  id: 'appointments',
  name: 'Appointments',
  summary: 'Books appointments.',
  publisher: 'city-clinic',
  version: '1.0.0',
  license: 'Apache-2.0',
  categories: ['appointments'],
  medigraph: '^0.1.0',
  contracts: { entry: 'contracts/index.js', names: ['Slots'] },
  support: {},
};

test('a manifest is read with what follows from it', () => {
  const found = manifestOf(new Map([['medigraph.json', text(JSON.stringify(manifest))]]));
  expect(found).toMatchObject({ ...manifest, channel: 'care', price: { model: 'free' } });
  expect(found.scopes).toEqual({ required: [], optional: [] });
});

test('a package without a manifest is refused', () => {
  expect(() => manifestOf(new Map())).toThrow(expect.objectContaining({ code: 'MANIFEST_MISSING' }));
});

describe('refused, by the path of what is wrong, is', () => {
  test.each([
    ['what is not JSON', '{', /is not JSON/],
    ['an id in capitals', JSON.stringify({ ...manifest, id: 'Appointments' }), /^id: must be words/],
    [
      'an id that another has in the graph, written otherwise',
      JSON.stringify({ ...manifest, id: 'appointments-2' }),
      /^id: must be words/,
    ],
    [
      'a version that is none',
      JSON.stringify({ ...manifest, version: '1' }),
      /^version: must be a semantic version/,
    ],
    [
      'a range that is none',
      JSON.stringify({ ...manifest, medigraph: 'newest' }),
      /^medigraph: newest is no range/,
    ],
    ['a field that nobody knows', JSON.stringify({ ...manifest, root: true }), /^manifest: .*root/],
    [
      'an entry outside of the package',
      JSON.stringify({ ...manifest, contracts: { entry: '../x.js', names: ['A'] } }),
      /^contracts\.entry: /,
    ],
    [
      'a version that cannot be counted with',
      JSON.stringify({ ...manifest, version: '99999999999999999999.0.0' }),
      /^version: must be a semantic version/,
    ],
    [
      'a name that reads otherwise than it is written',
      JSON.stringify({ ...manifest, name: 'Clinic \u202Enoitide' }),
      /^name: must have no characters that cannot be seen/,
    ],
    [
      'a summary that writes over what is shown before it',
      JSON.stringify({ ...manifest, summary: '\u001B[2K approved' }),
      /^summary: must have no characters/,
    ],
    [
      'a contract that is named twice',
      JSON.stringify({ ...manifest, contracts: { entry: 'x.js', names: ['A', 'A'] } }),
      /^contracts\.names: must not name a contract twice/,
    ],
    [
      'two scopes of one id',
      JSON.stringify({
        ...manifest,
        scopes: {
          required: [{ id: 'a', reason: 'x', purpose: ['TREAT'] }],
          optional: [{ id: 'a', reason: 'y', purpose: ['TREAT'] }],
        },
      }),
      /^scopes: must not have two scopes of one id/,
    ],
  ])('%s', (_what, content, message) => {
    expect(() => parseManifest(content)).toThrow(
      expect.objectContaining({ code: 'MANIFEST_INVALID', message: expect.stringMatching(message) }),
    );
  });
});

describe('provenance', () => {
  const files = new Map([
    ['medigraph.json', text('{}')],
    ['package-lock.json', text('{"lockfileVersion":3}')],
  ]);
  const stated = provenanceOf(files, {
    entry: 'src/index.ts',
    sources: new Map([['src/index.ts', text('export {}')]]),
    tools: { esbuild: '0.28.2' },
  });
  const whole = new Map([...files, [provenanceFile, text(JSON.stringify(stated))]]);

  test('it holds for the files that it was made for', () => {
    expect(provenanceFaults(whole)).toEqual([]);
    expect(stated.predicate.buildDefinition.resolvedDependencies.map(({ name }) => name)).toEqual([
      'sources',
      'package-lock.json',
    ]);
  });

  test.each([
    [
      'an altered file',
      new Map([...whole, ['medigraph.json', text('{ }')]]),
      'medigraph.json is another one',
    ],
    ['a file more', new Map([...whole, ['extra.js', text('')]]), 'extra.js is another one'],
    [
      'a file less',
      new Map([...whole].filter(([name]) => name !== 'medigraph.json')),
      'is not in the package',
    ],
    ['no statement', files, 'there is no provenance.json'],
    ['a statement that is none', new Map([...files, [provenanceFile, text('[]')]]), 'is no statement'],
  ])('%s is found', (_what, changed, fault) => {
    expect(provenanceFaults(changed).join()).toContain(fault);
  });
});
