import fc from 'fast-check';
import { routerErrorCodes } from '../error-codes.js';

/**
 * How fuzz tests run: the same inputs every time; more of them by `MEDIGRAPH_FUZZ_RUNS`, others by `MEDIGRAPH_FUZZ_SEED`. What fails
 * is told with the seed and the path that lead there.
 */
export const fuzzing: fc.Parameters<unknown> = {
  numRuns: Number(process.env['MEDIGRAPH_FUZZ_RUNS'] ?? 60),
  seed: Number(process.env['MEDIGRAPH_FUZZ_SEED'] ?? 20_26),
};

/** Time for one fuzz test: a long run takes as long as it takes. */
export const fuzzTimeoutMs = 3_600_000;

const punctuators = [
  '{',
  '}',
  '(',
  ')',
  '[',
  ']',
  ':',
  '=',
  '!',
  '$',
  '@',
  '...',
  '|',
  '&',
  ',',
  '#',
  '"""',
  '"',
];
const names = [
  'query',
  'mutation',
  'subscription',
  'fragment',
  'on',
  'F',
  'G',
  'Query',
  'Claim',
  'claim',
  'claims',
];
const fields = [
  'patient',
  'party',
  'connection',
  'name',
  'id',
  'home',
  '__typename',
  '__schema',
  '__proto__',
];
const values = [
  '"1"',
  '1',
  '-1',
  '1e999',
  'true',
  'null',
  '$v',
  'first',
  'include',
  'skip',
  'if',
  'Int',
  'defer',
];

/** Documents out of the words of the language, few of them valid. */
export const documents: fc.Arbitrary<string> = fc.oneof(
  fc
    .array(fc.constantFrom(...punctuators, ...names, ...fields, ...values), { maxLength: 60 })
    .map((words) => words.join(' ')),
  // Fragments that spread each other, in circles or not.
  fc
    .array(fc.tuple(fc.nat(5), fc.nat(5)), { minLength: 1, maxLength: 6 })
    .map((spreads) =>
      spreads
        .map(([a, b], index) => `fragment F${index} on Query { ...F${a} ...F${b} claims { id } }`)
        .join(' '),
    )
    .map((fragments) => `{ ...F0 } ${fragments}`),
  fc.nat(60).map((depth) => `{ claim(id: "1") ${'{ patient '.repeat(depth)} { id } ${'}'.repeat(depth)} }`),
);

/** Any JSON, more often with the members of a GraphQL request. */
export const requests: fc.Arbitrary<unknown> = fc.oneof(
  fc.jsonValue(),
  fc.record(
    {
      query: fc.oneof(documents, fc.jsonValue()),
      variables: fc.oneof(fc.dictionary(fc.string(), fc.jsonValue()), fc.jsonValue()),
      operationName: fc.oneof(fc.constantFrom('F', 'G'), fc.jsonValue()),
      documentId: fc.jsonValue(),
      extensions: fc.oneof(
        fc.record({ persistedQuery: fc.record({ version: fc.jsonValue(), sha256Hash: fc.jsonValue() }) }),
        fc.jsonValue(),
      ),
    },
    { requiredKeys: [] },
  ),
);

const known: ReadonlySet<unknown> = new Set(Object.keys(routerErrorCodes));

/** What is wrong with an answer's form: each error must have a code that is documented, and none the one for what nobody foresaw. */
export function faultOf(answer: unknown): string | undefined {
  if (typeof answer !== 'object' || answer === null) return 'no object';
  if (!('errors' in answer)) return 'data' in answer ? undefined : 'neither data nor errors';
  if (!Array.isArray(answer.errors) || answer.errors.length === 0) return 'no list of errors';
  for (const error of answer.errors as readonly { extensions?: { code?: unknown } }[]) {
    const code = error.extensions?.code;
    if (!known.has(code) || code === 'INTERNAL_SERVER_ERROR') return `code ${String(code)}`;
  }
  return undefined;
}
