import { expect, test } from '@jest/globals';
import { buildSchema } from 'graphql';
import { breakingChanges } from './index.js';

const live = `
  type Query { batch(id: ID!, in: Filter): Batch, count: Int! }
  type Batch { id: ID!, status: Status, made: String! }
  enum Status { made recalled }
  input Filter { status: Status, of: Filter, text: String }
`;

/** What a change of the schema breaks of what is sent. */
const broken = (from: string, to: string, document: string): string[] => {
  const next = buildSchema(live.replace(from, to));
  return breakingChanges(buildSchema(live), next, [{ document, count: 3 }]).operations.map(
    ({ reason }) => reason,
  );
};

test('what nobody sends may go', () => {
  const next = buildSchema(live.replace(', made: String!', ''));
  const used = [{ document: '{ batch(id: "") { id } }', count: 1 }];
  const { changes, operations } = breakingChanges(buildSchema(live), next, used);
  expect(changes).toEqual(['Batch.made was removed.']);
  expect(operations).toEqual([]);
});

const cases: readonly [string, string, string, string][] = [
  ['a field that goes', ', made: String!', '', '{ batch(id: "") { made } }'],
  ['a field that may be null now', 'made: String!', 'made: String', '{ batch(id: "") { made } }'],
  ['a field of another type', 'count: Int!', 'count: Float!', '{ count }'],
  ['an argument that is needed now', 'count: Int!', 'count(of: ID!): Int!', '{ count }'],
  ['an argument of another type', 'id: ID!', 'id: Int!', 'query($id: ID!) { batch(id: $id) { id } }'],
  [
    'an input that needs more',
    'text: String',
    'text: String!',
    'query($in: Filter) { batch(id: "", in: $in) { id } }',
  ],
  [
    'an input that loses a field',
    ', text: String',
    '',
    'query($in: Filter) { batch(id: "", in: $in) { id } }',
  ],
  ['a value that goes', 'made recalled', 'made', 'query($in: Filter) { batch(id: "", in: $in) { id } }'],
];

test.each(cases)('%s breaks who sends it', (_what, from, to, document) => {
  expect(broken(from, to, document)).toHaveLength(1);
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
