import { expect, test } from '@jest/globals';
import { z } from 'zod';
import { canonicalJson } from './canonical-json.js';
import { demandDistinct, parseArgument } from './arguments.js';
import { ContractError } from './contract-error.js';

const schema = z.strictObject({ list: z.array(z.strictObject({ id: z.string(), size: z.int().min(1) })) });

test('a refusal has the code and the path of each wrong field', () => {
  const refusal = () =>
    parseArgument(
      schema,
      JSON.stringify({
        list: [
          { id: 'a', size: 1 },
          { id: 3, size: 0 },
        ],
      }),
    );
  expect(refusal).toThrow(ContractError);
  expect(refusal).toThrow(/^ARGUMENT_INVALID: list\.1\.id: .*; list\.1\.size: /);
});

test('a refusal names three fields and counts the others', () => {
  const list = Array.from({ length: 5 }, () => ({ id: 'a', size: 0 }));
  expect(() => parseArgument(schema, JSON.stringify({ list }))).toThrow(/list\.2\.size: [^;]*; and 2 more$/);
});

test.each(['', '{', 'null', '"text"', '[1]'])('%j is refused', (text) => {
  expect(() => parseArgument(schema, text)).toThrow(/^ARGUMENT_INVALID: /);
});

test('two equal keys are refused where the second stands', () => {
  expect(() => {
    demandDistinct(['a', 'b', 'a'], (index) => `x.${index}`);
  }).toThrow('ARGUMENT_INVALID: x.2: a appears twice');
});

test('JSON is the same whatever the order of keys', () => {
  expect(canonicalJson({ b: [{ d: 1, c: null }], a: 'x' })).toBe('{"a":"x","b":[{"c":null,"d":1}]}');
  expect(canonicalJson({ a: 'x', b: [{ c: null, d: 1 }] })).toBe(
    canonicalJson({ b: [{ d: 1, c: null }], a: 'x' }),
  );
});
