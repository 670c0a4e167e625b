import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Answer, LiveGraph, type Person } from '../live-graph.js';
import { argumentsOf, inputsOf } from './inputs.js';
import { type MatrixCase, playCase, type Things } from './matrix-case.js';
import { askForFile, fileRequests, outcomeOfFile } from './file-requests.js';
import { matrixPage, nothing, shown } from './matrix-page.js';
import { allOperations, type Operation } from './operations.js';
import { Witnesses } from './witnesses.js';

const page = fileURLToPath(new URL('../../../../docs/access-matrix.md', import.meta.url));
const operations = allOperations();
const asked = operations.filter(({ kind }) => kind !== 'subscription');
const readings = asked.filter(({ kind }) => kind !== 'mutation');
const mutations = asked.filter(({ kind }) => kind === 'mutation');
const subscriptions = operations.filter(({ kind }) => kind === 'subscription');

let graph: LiveGraph;
let scene: MatrixCase;
const matrix = new Map<string, Map<string, string>>();

function requestOf(
  { kind, field, name, required, input, forOthers, selection }: Operation,
  things: Things,
  onBehalfOf?: string,
): [string, object] {
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
      { input: { ...given(things), ...(forOthers && onBehalfOf !== undefined && { onBehalfOf }) } },
    ];
  }
  const variables = [...required.keys()].map((argument): [string, string] => {
    const thing = argument === 'id' ? entityOf(field) : entityOf(argument);
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

async function outcome(operation: Operation, who: string, person: Person): Promise<string> {
  const things = { ...scene.things, ...scene.spare[who] };
  // Delegates do it for the patient; whatever else they do is what another patient does.
  const onBehalfOf = who === 'delegate' ? things['Patient'] : undefined;
  const [query, variables] = requestOf(operation, things, onBehalfOf);
  return outcomeOf(operation, await graph.ask(operation.subgraph, person, query, variables));
}

/** Everybody at once: nothing that they are answered changes anything. */
async function readingRow(operation: Operation): Promise<Map<string, string>> {
  const cells = Object.entries(scene.people).map(async ([who, person]): Promise<[string, string]> => [
    who,
    await outcome(operation, who, person),
  ]);
  return new Map(await Promise.all(cells));
}

const strangers = ['another patient', 'operator', 'insurer-b', 'expired consent'];
const absentId = `${'0'.repeat(40)}.${'0'.repeat(32)}`;

/** What somebody is told of what they may not see, and of what there is not. */
interface Refusal {
  readonly name: string;
  readonly who: string;
  readonly there: string;
  readonly absent: string;
}
const refusals: Refusal[] = [];

/** Asks for something that is there and for something that is not; ids are left out, the longest first. */
async function refusalOf(name: string, who: string, ask: (things: Things) => Promise<object>): Promise<void> {
  if (matrix.get(name)?.get(who) !== nothing) return;
  const { things } = scene;
  const nowhere = Object.fromEntries(Object.keys(things).map((thing) => [thing, absentId]));
  const [there, absent] = await Promise.all([ask(things), ask(nowhere)]);
  const ids = Object.values(things).sort((a, b) => b.length - a.length);
  refusals.push({
    name,
    who,
    there: ids.reduce((text, id) => text.replaceAll(id, absentId), JSON.stringify(there)),
    absent: JSON.stringify(absent),
  });
}

async function refusalsOf(who: string): Promise<void> {
  const person = scene.people[who];
  if (!person) throw new Error(`there is no ${who}`);
  const byId = readings.filter(({ kind, required }) => kind === 'reference' || required.has('id'));
  for (const operation of byId)
    await refusalOf(operation.name, who, (things) =>
      graph.ask(operation.subgraph, person, ...requestOf(operation, things)),
    );
  for (const request of fileRequests)
    await refusalOf(request.name, who, (things) => askForFile(graph, person, request, request.path(things)));
}

beforeAll(async () => {
  graph = await LiveGraph.start();
  scene = await playCase(graph);
  const { people, things } = scene;
  const witnesses = await Witnesses.of(graph, subscriptions, people, things['Patient'] ?? '');
  for (const operation of readings) matrix.set(operation.name, await readingRow(operation));
  // Whoever may not do it tries first, so that what they try is still there to be done.
  const callers = Object.entries(people).reverse();
  for (const request of fileRequests) {
    const row = new Map<string, string>();
    for (const [who, person] of callers)
      row.set(who, outcomeOfFile(await askForFile(graph, person, request, request.path(things))));
    matrix.set(request.name, row);
  }
  await Promise.all(strangers.map(refusalsOf));
  for (const operation of mutations) {
    const row = new Map<string, string>();
    for (const [who, person] of callers) row.set(who, await outcome(operation, who, person));
    matrix.set(operation.name, row);
  }
  for (const [name, row] of await witnesses.rows(subscriptions, people, 'patient')) matrix.set(name, row);
}, 400_000);

afterAll(async () => {
  await graph.close();
});

test('docs/access-matrix.md says of every way into the graph who is let in', () => {
  const text = matrixPage(
    Object.keys(scene.people),
    [...operations, ...fileRequests.map(({ name }) => ({ name, kind: 'file' as const }))],
    matrix,
  );
  if (process.env['MEDIGRAPH_WRITE_ACCESS_MATRIX'] !== undefined) writeFileSync(page, text);
  expect(readFileSync(page, 'utf8')).toBe(text);
});

test('who is shown nothing is told what is told of what there is not', () => {
  for (const { name, who, there, absent } of refusals)
    expect({ name, who, said: there }).toEqual({ name, who, said: absent });
  expect(refusals.length).toBeGreaterThan(40);
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
    for (const outsider of ['operator', 'device', 'DApp'])
      expect({ name, [outsider]: row?.get(outsider) }).toEqual({ name, [outsider]: nothing });
  }
});
