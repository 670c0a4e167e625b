import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Answer, LiveGraph, type Person } from '../live-graph.js';
import { argumentsOf, inputsOf } from './inputs.js';
import { type MatrixCase, playCase } from './matrix-case.js';
import { matrixPage, nothing, shown } from './matrix-page.js';
import { allOperations, type Operation } from './operations.js';

const page = fileURLToPath(new URL('../../../../docs/access-matrix.md', import.meta.url));
const operations = allOperations();
/** Answered on the same connection and by the same policy as lists; whom an event is told is tested live. */
const asked = operations.filter(({ kind }) => kind !== 'subscription');

let graph: LiveGraph;
let scene: MatrixCase;
const matrix = new Map<string, Map<string, string>>();

function requestOf({ kind, field, name, required, input, selection }: Operation): [string, object] {
  const { things } = scene;
  if (kind === 'reference')
    return [
      `query($id: ID!) { _entities(representations: [{ __typename: "${field}", id: $id }]) {
        ... on ${field} { ${selection} } } }`,
      { id: things[field] },
    ];
  if (kind === 'mutation' && input === undefined) return [`mutation { ${field} { __typename } }`, {}];
  if (kind === 'mutation') {
    const given = inputsOf[field];
    if (!given) throw new Error(`say in inputs.ts what ${name} is asked with`);
    return [
      `mutation($input: ${input}) { ${field}(input: $input) { __typename } }`,
      { input: given(things) },
    ];
  }
  const variables = [...required.keys()].map((argument): [string, string] => {
    const thing = argument === 'id' ? entityOf(field) : argument.charAt(0).toUpperCase() + argument.slice(1);
    const value = argumentsOf[argument] ?? things[thing];
    if (value === undefined) throw new Error(`say in inputs.ts what ${argument} of ${name} is`);
    return [argument, value];
  });
  const declared = [...required].map(([argument, type]) => `$${argument}: ${type}`).join(', ');
  const passed = variables.map(([argument]) => `${argument}: $${argument}`).join(', ');
  return [
    `query${declared === '' ? '' : `(${declared})`} { ${field}${passed === '' ? '' : `(${passed})`} ${selection} }`,
    Object.fromEntries(variables),
  ];
}

const entityOf = (field: string): string => field.charAt(0).toUpperCase() + field.slice(1);

/** Something of it beside ids, which say nothing. */
function shows(value: unknown): boolean {
  if (value === null || value === undefined) return false;
  if (Array.isArray(value)) return value.some(shows);
  if (typeof value !== 'object') return true;
  const { __typename: _type, ...members } = value as Record<string, unknown>;
  const isReference = Object.keys(members).length === 0;
  return !isReference && Object.values(members).some((one) => shows(one) || isNode(one));
}
/** A node of a list is there, though nothing of it was asked. */
const isNode = (value: unknown): boolean => Array.isArray(value) && value.length > 0;

function outcomeOf({ kind }: Operation, { data, errors = [] }: Answer): string {
  if (kind === 'mutation') return errors[0]?.extensions.code ?? shown;
  const values = Object.values(data ?? {});
  if (values.some(shows)) return shown;
  return errors[0]?.extensions.code ?? nothing;
}

async function outcome(operation: Operation, person: Person): Promise<string> {
  const [query, variables] = requestOf(operation);
  return outcomeOf(operation, await graph.ask(operation.subgraph, person, query, variables));
}

beforeAll(async () => {
  graph = await LiveGraph.start();
  scene = await playCase(graph);
  const byDanger = [...asked].sort((a, b) => Number(a.kind === 'mutation') - Number(b.kind === 'mutation'));
  // Whoever may not do it tries first, so that what they try is still there to be done.
  const callers = Object.entries(scene.people).reverse();
  for (const operation of byDanger) {
    const row = new Map<string, string>();
    for (const [name, person] of callers) row.set(name, await outcome(operation, person));
    matrix.set(operation.name, row);
  }
}, 400_000);

afterAll(async () => {
  await graph.close();
});

test('docs/access-matrix.md says of every way into the graph who is let in', () => {
  const text = matrixPage(Object.keys(scene.people), operations, matrix);
  if (process.env['MEDIGRAPH_WRITE_ACCESS_MATRIX'] !== undefined) writeFileSync(page, text);
  expect(readFileSync(page, 'utf8')).toBe(text);
});

const aboutThePatient = ['Entry', 'Consent', 'Opening', 'EmergencyAccess', 'Import', 'Coverage', 'Claim'];
test('whoever has no part in a patient’s case is shown nothing of it, whichever way they come', () => {
  for (const { name, field, kind } of asked) {
    const concerned = kind === 'reference' || kind === 'query' ? aboutThePatient : [];
    if (!concerned.some((type) => type.toLowerCase() === field.toLowerCase())) continue;
    const row = matrix.get(name);
    expect({ name, 'another patient': row?.get('another patient') }).toEqual({
      name,
      'another patient': nothing,
    });
    for (const outsider of ['operator', 'device'])
      expect({ name, [outsider]: row?.get(outsider) }).toEqual({ name, [outsider]: nothing });
  }
});
