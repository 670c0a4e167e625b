import { expect, test } from '@jest/globals';
import { buildSchema } from 'graphql';
import { breakingChanges } from './index.js';

const live = `
  type Query { batch(id: ID!, in: Filter): Batch, count: Int! }
  type Batch { id: ID!, status: Status, made: String! }
  enum Status { made recalled }
  input Filter { status: Status, of: Filter, text: String }
`;

const lastUsedAt = new Date(0);

/** What a change of the schema breaks of what is sent. */
const broken = (from: string, to: string, document: string): string[] => {
  const next = buildSchema(live.replace(from, to));
  return breakingChanges(buildSchema(live), next, [{ document, count: 3, lastUsedAt }]).operations.map(
    ({ coordinate, reason }) => `${coordinate ?? ''}: ${reason}`,
  );
};

test('what nobody sends may go', () => {
  const next = buildSchema(live.replace(', made: String!', ''));
  const used = [{ document: '{ batch(id: "") { id } }', count: 1, lastUsedAt }];
  const { changes, operations } = breakingChanges(buildSchema(live), next, used);
  expect(changes).toEqual(['Batch.made was removed.']);
  expect(operations).toEqual([]);
});

const inputs = 'query($in: Filter) { batch(id: "", in: $in) { id } }';
const cases: readonly [string, string, string, string, string][] = [
  ['a field that goes', ', made: String!', '', '{ batch(id: "") { made } }', 'Batch.made: it is gone'],
  [
    'a field that may be null now',
    'made: String!',
    'made: String',
    '{ batch(id: "") { made } }',
    'Batch.made: it is String, not String!',
  ],
  [
    'a field of another type',
    'count: Int!',
    'count: Float!',
    '{ count }',
    'Query.count: it is Float!, not Int!',
  ],
  [
    'an argument that is needed now',
    'count: Int!',
    'count(of: ID!): Int!',
    '{ count }',
    'Query.count(of:): it must be given now',
  ],
  [
    'an argument of another type',
    'id: ID!',
    'id: Int!',
    'query($id: ID!) { batch(id: $id) { id } }',
    'Query.batch(id:): it takes another value than before',
  ],
  ['an argument that goes', ', in: Filter', '', inputs, 'Query.batch(in:): it is gone'],
  [
    'an input that needs more',
    'text: String',
    'text: String!',
    inputs,
    'Query.batch(in:): it takes another value than before',
  ],
  [
    'an input that loses a field',
    ', text: String',
    '',
    inputs,
    'Query.batch(in:): it takes another value than before',
  ],
  [
    'a value that goes',
    'made recalled',
    'made',
    inputs,
    'Query.batch(in:): it takes another value than before',
  ],
];

test.each(cases)('%s breaks who sends it', (_what, from, to, document, told) => {
  expect(broken(from, to, document)).toEqual([told]);
});

test('a type that goes breaks who asks for something of it, and nobody else', () => {
  const [before, after] = [
    'union Thing = Batch | Box type Box { id: ID! } type Query { thing: Thing }',
    'union Thing = Batch type Query { thing: Thing }',
  ].map((types) => buildSchema(`${types} type Batch { id: ID! }`));
  const sent = ['Batch', 'Box'].map((type) => ({
    document: `{ thing { ... on ${type} { id } } }`,
    count: 1,
    lastUsedAt,
  }));
  if (!before || !after) throw new Error('no schemas');
  expect(breakingChanges(before, after, sent).operations).toEqual([
    { ...sent[1], coordinate: 'Box', reason: 'it is gone' },
  ]);
});

test('what is added, or surer, breaks nobody', () => {
  const all = 'query($in: Filter) { batch(id: "", in: $in) { id status made } count }';
  expect(broken('status: Status, made', 'status: Status!, more: Int, made', all)).toEqual([]);
  expect(broken('text: String', 'text: String, other: Int', all)).toEqual([]);
  expect(broken('id: ID!, in', 'id: ID, in', all)).toEqual([]);
});

test('what does not work today cannot be broken', () => {
  expect(broken(', made: String!', '', '{ batch { made } }')).toEqual([]);
});
