import { expect, test } from '@jest/globals';
import { readMetadata } from './metadata.js';
import { ShapeReader } from './shape-reader.js';
import { type Shape } from './shapes.js';
import { nodeMetadata } from './testing/fixtures/metadata.js';
import { decodeAnswer, encodeArgument, ValueInvalid } from './values.js';

const scalar = (name: Extract<Shape, { kind: 'scalar' }>['scalar'], nullable = false): Shape => ({
  kind: 'scalar',
  scalar: name,
  nullable,
});
/** As Go writes it: what is not marked as optional is required. */
const assetSchema = {
  $id: 'Asset',
  required: ['AppraisedValue', 'ID', 'Tags'],
  properties: {
    AppraisedValue: { type: 'integer', format: 'int64' },
    ID: { type: 'string' },
    Size: { type: 'integer', format: 'int32' },
    Tags: { type: 'array', items: { type: 'string' } },
    Ratio: { type: 'number', format: 'double' },
  },
};
const go = new ShapeReader(new Map([['Asset', assetSchema]]));
const asset = go.component('Asset', 'test');
const node = new ShapeReader(readMetadata(JSON.stringify(nodeMetadata)).schemas);
const batch = node.component('Batch', 'test');

test('arguments are text as it is, and JSON for all else', () => {
  expect(encodeArgument(scalar('String'), 'a "b"')).toBe('a "b"');
  expect(encodeArgument(scalar('Int'), 5)).toBe('5');
  expect(encodeArgument(scalar('Boolean'), true)).toBe('true');
  expect(encodeArgument(scalar('JSON'), 'text')).toBe('"text"');
  expect(encodeArgument({ kind: 'list', of: scalar('String'), nullable: false }, ['a'])).toBe('["a"]');
  expect(encodeArgument(scalar('String', true), undefined)).toBe('');
  expect(encodeArgument(scalar('Int', true), null)).toBe('null');
});

test('text is read as contracts of each language write it', () => {
  expect(decodeAnswer(go, scalar('String'), 'plain')).toBe('plain');
  expect(decodeAnswer(node, scalar('String'), '"quoted"')).toBe('quoted');
  expect(decodeAnswer(go, scalar('String'), '')).toBeUndefined();
  expect(decodeAnswer(go, asset, '')).toBeUndefined();
  expect(decodeAnswer(go, asset, 'null')).toBeUndefined();
});

test('an answer is a copy of what its type has, and of nothing else', () => {
  const answer = decodeAnswer(go, asset, '{"AppraisedValue":1,"ID":"a","Tags":null,"secret":1}');
  expect({ ...(answer as object) }).toEqual({
    AppraisedValue: 1,
    ID: 'a',
    Size: null,
    Tags: [],
    Ratio: null,
  });
  const absent = decodeAnswer(node, batch, '{"id":"b"}') as Record<string, unknown>;
  expect(absent['constructor']).toBeNull();
});

test('instants are read with as many digits as a language writes', () => {
  const holder = node.component('Holder', 'test');
  const read = decodeAnswer(node, holder, '{"since":"2026-01-02T03:04:05.123456789+01:00"}');
  expect(read).toMatchObject({ since: '2026-01-02T02:04:05.123Z' });
});

const nestedBatches = (depth: number): string =>
  depth === 0 ? '{"id":"x"}' : `{"id":"x","holder":{"batches":[${nestedBatches(depth - 1)}]}}`;

const lies: readonly [string, Shape, string][] = [
  ['no JSON', asset, '{"ID":'],
  ['another type', asset, '"text"'],
  ['a list for an object', asset, '[]'],
  ['a field of another type', asset, '{"AppraisedValue":"1","ID":"a","Tags":[]}'],
  ['a field that is missing', asset, '{"AppraisedValue":1,"Tags":[]}'],
  ['a whole number that is none', asset, '{"AppraisedValue":1.5,"ID":"a","Tags":[]}'],
  ['a number that loses digits', asset, '{"AppraisedValue":9007199254740993,"ID":"a","Tags":[]}'],
  ['a number beyond 32 bits', asset, '{"AppraisedValue":1,"ID":"a","Tags":[],"Size":4294967296}'],
  ['a value that is not one of them', batch, '{"id":"b","status":"eaten"}'],
  ['a day that is none', batch, '{"id":"b","expires":"2026-13-01"}'],
  ['nesting without end', batch, nestedBatches(200)],
  ['JSON nested without end', scalar('JSON'), `${'['.repeat(5_000)}${']'.repeat(5_000)}`],
  ['too much', scalar('String'), 'x'.repeat(1_000_001)],
];

test.each(lies)('%s is not believed', (_what, shape, text) => {
  expect(() => decodeAnswer(shape === asset ? go : node, shape, text)).toThrow(ValueInvalid);
});
