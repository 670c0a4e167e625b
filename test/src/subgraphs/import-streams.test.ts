import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { request } from 'node:http';
import { gzipSync } from 'node:zlib';
import { defaultAcquisitionLimits } from '@medigraph/platform/graph';
import { eventually } from '../system/eventually.js';
import { LiveGraph, type Person } from './live-graph.js';

const hospital: Person = { role: 'hospital', mspId: 'HospitalAMSP', institution: 'hospital-a' };

let graph: LiveGraph;
let id: string;
let patient: Person;

beforeAll(async () => {
  graph = await LiveGraph.start();
  const register =
    'mutation($input: RegisterInstitutionInput!) { registerInstitution(input: $input) { institution { id } } }';
  const input = { id: 'hospital-a', name: 'A', kind: 'HOSPITAL' };
  await graph.ask('patients', { role: 'operator', mspId: 'HospitalAMSP' }, register, { input });
  const { data } = await graph.ask(
    'patients',
    hospital,
    'mutation { registerPatient(input: { identifier: "MRN-1" }) { patient { id } } }',
  );
  ({ id } = (data?.['registerPatient'] as { patient: { id: string } }).patient);
  patient = { role: 'patient', mspId: 'PatientsMSP', patient: id };
}, 120_000);

afterAll(async () => {
  await graph.close();
});

interface Told {
  readonly status: number;
  readonly code?: string;
  readonly lines: readonly {
    location?: string;
    status?: string;
    code?: string;
    issues?: { expression: string[] }[];
  }[];
  readonly end: Readonly<Record<string, unknown>>;
}

const urlOf = (target: string) => new URL(target, graph.subgraph('records').url);
const headersOf = async (person: Person, headers: Record<string, string> = {}) => ({
  authorization: `Bearer ${await graph.token(person)}`,
  'content-type': 'application/fhir+ndjson',
  ...headers,
});

async function send(
  body: string | Uint8Array<ArrayBuffer>,
  {
    person = hospital,
    query = '',
    headers = {},
    method = 'POST',
    to = id,
  }: {
    person?: Person;
    query?: string;
    headers?: Record<string, string>;
    method?: string;
    to?: string;
  } = {},
): Promise<Told> {
  const response = await fetch(urlOf(`/imports/${to}${query}`), {
    method,
    headers: await headersOf(person, headers),
    ...(method === 'POST' && { body }),
  });
  const text = await response.text();
  if (!response.headers.get('content-type')?.includes('ndjson')) {
    const [error] = (JSON.parse(text) as { errors: [{ extensions: { code: string } }] }).errors;
    return { status: response.status, code: error.extensions.code, lines: [], end: {} };
  }
  const all = text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Told['lines'][number]);
  return { status: response.status, lines: all.slice(0, -1), end: all.at(-1) ?? {} };
}

const observation = (text: string, changes: object = {}) => ({
  resourceType: 'Observation',
  status: 'final',
  code: { text },
  subject: { reference: 'Patient/MRN-1' },
  effectiveDateTime: '2026-03-01',
  ...changes,
});
const ndjson = (...resources: object[]) => resources.map((one) => JSON.stringify(one)).join('\n');
const many = (name: string, count: number) =>
  Array.from({ length: count }, (_, index) => observation(`${name} ${index}`));
const gzip = { 'content-encoding': 'gzip' };

test('nothing is taken without the patient letting it, nor from who keeps no records', async () => {
  const line = ndjson(observation('early'));
  expect(await send(line)).toMatchObject({ status: 403, code: 'STORAGE_NOT_AUTHORIZED' });
  expect(await send(line, { person: patient })).toMatchObject({ status: 403, code: 'FORBIDDEN' });
  expect(await send(line, { to: 'f'.repeat(40) })).toMatchObject({ status: 404, code: 'PATIENT_NOT_FOUND' });
  const authorize =
    'mutation { authorizeStorage(input: { institutions: ["hospital-a"] }) { transaction { id } } }';
  expect((await graph.ask('records', patient, authorize)).errors).toBeUndefined();
});

test('lines are imported, told each, and sent again store nothing', async () => {
  const body = `${ndjson(...many('bulk', 450))}\n{"resourceType":\n\n${ndjson(
    observation('wrong', { status: 'done' }),
    observation('foreign', { subject: { reference: 'Patient/MRN-2' } }),
  )}\n`;
  const first = await send(gzipSync(body), { headers: gzip, query: '?source=old-system' });
  expect(first.end).toEqual({ STORED: 450, EXISTING: 0, REFUSED: 3 });
  expect(
    first.lines
      .filter(({ status }) => status === 'REFUSED')
      .map(({ location, code, issues }) => [location, code, issues?.[0]?.expression[0]]),
  ).toEqual([
    ['line 451', 'FHIR_INVALID', 'Resource'],
    ['line 453', 'FHIR_INVALID', 'Observation.status'],
    ['line 454', 'FHIR_INVALID', 'Observation.subject.reference'],
  ]);
  expect((await send(body)).end).toEqual({ STORED: 0, EXISTING: 450, REFUSED: 3 });
});

test('what broke off is completed by sending it again', async () => {
  const lines = many('cut', 600).map((one) => `${JSON.stringify(one)}\n`);
  const sending = request(urlOf(`/imports/${id}`), { method: 'POST', headers: await headersOf(hospital) });
  sending.on('error', () => undefined);
  const answered = once(sending, 'response');
  sending.write(lines.slice(0, 400).join(''));
  // The first batch is told while the rest is still to come.
  await answered;
  sending.destroy();
  const { end } = await send(lines.join(''));
  expect(end).toMatchObject({ REFUSED: 0 });
  expect(Number(end['STORED']) + Number(end['EXISTING'])).toBe(600);
  expect(Number(end['EXISTING'])).toBeGreaterThanOrEqual(200);
});

test('how the source calls the patient is what it declares, or its Patient', async () => {
  const about = (text: string) => observation(text, { subject: { reference: 'Patient/7' } });
  expect((await send(ndjson(about('undeclared')))).end).toMatchObject({ STORED: 0, REFUSED: 1 });
  expect((await send(ndjson(about('declared')), { query: '?knownAs=Patient/7' })).end).toMatchObject({
    STORED: 1,
  });
  const self = { resourceType: 'Patient', id: '7', name: [{ text: 'Ada' }] };
  const lines = ndjson(self, ...many('net', 250), about('after its batch'));
  expect((await send(lines)).end).toEqual({ STORED: 252, EXISTING: 0, REFUSED: 0 });
});

test('what cannot be an import is refused before it is read', async () => {
  const line = ndjson(observation('form'));
  const zip = { 'content-type': 'application/zip' };
  expect(await send(line, { method: 'GET' })).toMatchObject({ status: 405, code: 'BAD_REQUEST' });
  expect(await send(line, { headers: zip })).toMatchObject({ status: 415, code: 'BAD_REQUEST' });
  expect(await send(line, { headers: { 'content-encoding': 'br' } })).toMatchObject({ status: 415 });
  expect(await send(line, { to: 'nobody' })).toMatchObject({ status: 400, code: 'BAD_USER_INPUT' });
  expect(await send(line, { to: '%' })).toMatchObject({ status: 400, code: 'BAD_USER_INPUT' });
  expect(await send(line, { query: '?source=Ada%20Lovelace' })).toMatchObject({ status: 400 });
  expect(await send(line, { query: `?${'knownAs=Patient/7&'.repeat(21)}` })).toMatchObject({ status: 400 });
});

test('what is packed wrongly, or to become too much, is refused', async () => {
  expect(await send(ndjson(observation('plain')), { headers: gzip })).toMatchObject({
    status: 400,
    code: 'IMPORT_UNREADABLE',
  });
  const bomb = gzipSync(Buffer.alloc(200_000_000, ' '));
  expect(await send(bomb, { headers: gzip })).toMatchObject({ status: 413, code: 'IMPORT_TOO_LARGE' });
  // After some of it was stored it is the last line that says so.
  const text = gzipSync(
    many('partly', 300)
      .map((one) => JSON.stringify({ ...one, note: [{ text: crypto.randomUUID() }] }))
      .join('\n'),
  );
  const cut = await send(text.subarray(0, text.length - 8), { headers: gzip });
  expect(cut.status).toBe(200);
  expect(cut.end).toMatchObject({ code: 'IMPORT_UNREADABLE' });
  expect(cut.lines.length).toBeGreaterThan(0);
});

test('a line that is too long is refused and not kept; nothing sent is nothing stored', async () => {
  const long = observation('long', { note: [{ text: 'x'.repeat(defaultAcquisitionLimits.resourceBytes) }] });
  expect(await send(ndjson(long, observation('short')))).toMatchObject({
    lines: [{ code: 'FHIR_TOO_LARGE' }, { status: 'STORED' }],
  });
  expect((await send('\n\n')).end).toEqual({ STORED: 0, EXISTING: 0, REFUSED: 0 });
});

test('as many imports as may be run at once; one more is told to come back', async () => {
  const open = await Promise.all(
    Array.from({ length: defaultAcquisitionLimits.importsAtOnce }, async () => {
      const headers = await headersOf(hospital);
      const sending = request(urlOf(`/imports/${id}`), { method: 'POST', headers });
      sending.on('error', () => undefined);
      sending.write('\n');
      return sending;
    }),
  );
  const { code } = await eventually(
    'one import too many',
    () => send('\n'),
    ({ status }) => status === 429,
  );
  expect(code).toBe('RATE_LIMITED');
  for (const sending of open) sending.destroy();
  await eventually(
    'room again',
    () => send('\n'),
    ({ status }) => status === 200,
  );
});
