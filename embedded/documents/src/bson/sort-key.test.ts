import { expect, test } from '@jest/globals';
import {
  Binary,
  BSONRegExp,
  Code,
  Decimal128,
  Double,
  Long,
  MaxKey,
  MinKey,
  ObjectId,
  Timestamp,
} from 'bson';
import { compareValues } from './compare.js';
import { decodeDocument } from './decode.js';
import { encodeDocument } from './encode.js';
import { sortKey } from './sort-key.js';
import type { Value } from './value.js';

const decimal = (text: string): Decimal128 => Decimal128.fromString(text);

const values: Value[] = [
  new MinKey(),
  null,
  undefined,
  NaN,
  decimal('NaN'),
  -Infinity,
  decimal('-1E+400'),
  -1e300,
  Long.MIN_VALUE,
  -5,
  new Double(-5),
  decimal('-0.1'),
  -0.1,
  -0,
  0,
  new Double(0),
  decimal('0'),
  5e-324,
  decimal('1E-400'),
  0.1,
  decimal('0.1'),
  decimal('0.10'),
  1,
  new Double(1),
  Long.ONE,
  1.5,
  2 ** 53,
  Long.fromString('9007199254740993'),
  decimal('9007199254740993'),
  Long.MAX_VALUE,
  2 ** 63,
  1e300,
  decimal('1E+400'),
  Infinity,
  '',
  'a',
  'a\0',
  'a\0b',
  'ab',
  'é',
  '\u{1F600}',
  '\uFFFD',
  {},
  { a: 1 },
  { a: new Double(1) },
  { a: 1, b: 2 },
  { b: 1 },
  { a: 'x' },
  [],
  [1],
  [1, 2],
  [[1]],
  ['a'],
  new Binary(Buffer.from([1])),
  new Binary(Buffer.from([1]), 4),
  new Binary(Buffer.from([1, 2])),
  new ObjectId('000000000000000000000001'),
  new ObjectId('ffffffffffffffffffffffff'),
  false,
  true,
  new Date(-1),
  new Date(0),
  new Date(1),
  new Timestamp({ t: 1, i: 2 }),
  new Timestamp({ t: 4_000_000_000, i: 0 }),
  new BSONRegExp('a'),
  new BSONRegExp('a', 'i'),
  new Code('x'),
  new MaxKey(),
];

test('keys order as values do, ascending and descending', () => {
  for (const a of values) {
    for (const b of values) {
      const order = Math.sign(compareValues(a, b));
      expect(Math.sign(Buffer.compare(sortKey([a]), sortKey([b])))).toBe(order);
      expect(Math.sign(Buffer.compare(sortKey([a], [true]), sortKey([b], [true]))) + order).toBe(0);
      expect(Math.sign(Buffer.compare(sortKey([a, 'x']), sortKey([b, 'x'])))).toBe(order);
    }
  }
});

test('the order is one: no value is both above and below another', () => {
  // Array.sort itself moves undefined to the end, whatever the order says of it.
  const sorted = values.filter((value) => value !== undefined).sort((a, b) => compareValues(a, b));
  for (let at = 1; at < sorted.length; at += 1)
    expect(compareValues(sorted[at - 1], sorted[at])).toBeLessThanOrEqual(0);
});

test('decoding and encoding give the same bytes', () => {
  const bytes = encodeDocument(Object.fromEntries(values.map((value, at) => [`f${at}`, value])));
  expect(Buffer.compare(encodeDocument(decodeDocument(bytes)), bytes)).toBe(0);
});
