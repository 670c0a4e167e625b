import { createHmac, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { decodeJwt, generateKeyPair, type JWTPayload, SignJWT } from 'jose';
import {
  addEntry,
  claim as submitClaim,
  cover,
  grant,
  registerInstitutions,
  registerPatient,
  requestConsent,
} from './case.js';
import { codesOf, RunningSystem } from './running-system.js';

let system: RunningSystem;
let patient: string;
let entry: string;
let coverage: string;
let claim: string;

beforeAll(async () => {
  system = await RunningSystem.start();
  await registerInstitutions(system);
  patient = await registerPatient(system);
  entry = await addEntry(system, patient);
  coverage = await cover(system, patient);
  claim = await submitClaim(system, patient, coverage);
}, 120_000);

afterAll(() => system.close());

const me = JSON.stringify({ query: '{ me { subject } }' });
const base64 = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

test('tokens that the issuer did not sign, or not like this, are refused', async () => {
  const good = await system.token('hospital-a');
  expect((await system.send(me, good)).data).toEqual({ me: { subject: 'hospital-a/hospital' } });
  const claims = decodeJwt(good);
  const [header = '', body = '', signature = ''] = good.split('.');
  const { kid } = JSON.parse(Buffer.from(header, 'base64url').toString()) as { kid: string };
  const { privateKey } = await generateKeyPair('ES256');
  const signed = (payload: JWTPayload) =>
    new SignJWT(payload).setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid }).sign(privateKey);
  const jwks = await (await fetch(new URL('/.well-known/jwks.json', system.url))).text();
  const hmacHeader = base64({ alg: 'HS256', typ: 'at+jwt', kid });
  const hmac = createHmac('sha256', jwks).update(`${hmacHeader}.${body}`).digest('base64url');
  const forged = {
    'another key': await signed(claims),
    'another issuer': await signed({ ...claims, iss: 'https://issuer.example' }),
    'no algorithm': `${base64({ alg: 'none', typ: 'at+jwt' })}.${body}.`,
    'the public key as a secret': `${hmacHeader}.${body}.${hmac}`,
    'another role': `${header}.${base64({ ...claims, role: 'operator' })}.${signature}`,
    'another institution': `${header}.${base64({ ...claims, institution: 'insurer-a' })}.${signature}`,
    'no signature': `${header}.${body}.`,
    'no token at all': 'nonsense',
  };
  for (const [how, token] of Object.entries(forged)) {
    const answer = await system.send(me, token);
    expect({ how, status: answer.status, codes: codesOf(answer) }).toEqual({
      how,
      status: 401,
      codes: ['UNAUTHENTICATED'],
    });
  }
  expect(codesOf(await system.send(me))).toEqual(['UNAUTHENTICATED']);
});

test('a token that has run out is told so', async () => {
  const token = await system.token('hospital-a', 1);
  const { exp = 0 } = decodeJwt(token);
  await new Promise((resolve) => setTimeout(resolve, exp * 1000 - Date.now() + 1));
  const answer = await system.send(me, token);
  expect([answer.status, ...codesOf(answer)]).toEqual([401, 'TOKEN_EXPIRED']);
});

const nested = (depth: number): string =>
  depth === 0 ? 'id' : `patient { entries(first: 1) { nodes { id ${nested(depth - 1)} } } }`;
const requests: readonly (readonly [string, string, number, string])[] = [
  ['a body that is no JSON', '{"query":', 400, 'MALFORMED_REQUEST'],
  ['a body that is no object', '"query"', 400, 'MALFORMED_REQUEST'],
  ['a query that is no text', '{"query":{}}', 400, 'MALFORMED_REQUEST'],
  ['variables that are no object', '{"query":"{__typename}","variables":[]}', 400, 'MALFORMED_REQUEST'],
  ['a batch', `[${me}]`, 400, 'BATCHING_NOT_SUPPORTED'],
  [
    'an oversized body',
    JSON.stringify({ query: `# ${'x'.repeat(2 << 20)}\n{ __typename }` }),
    413,
    'BODY_TOO_LARGE',
  ],
  ['no GraphQL', '{"query":"{ me { "}', 400, 'GRAPHQL_PARSE_FAILED'],
  ['a field that is not there', '{"query":"{ secrets }"}', 400, 'GRAPHQL_VALIDATION_FAILED'],
  [
    'a deep query',
    JSON.stringify({ query: `{ patients { nodes { entries(first: 1) { nodes { ${nested(20)} } } } } }` }),
    400,
    'QUERY_TOO_DEEP',
  ],
  [
    'a wide query',
    JSON.stringify({
      query: `{ ${Array.from({ length: 500 }, (_, index) => `a${index}: me { subject }`).join(' ')} }`,
    }),
    400,
    'QUERY_TOO_MANY_ALIASES',
  ],
  [
    'a costly query',
    JSON.stringify({
      query:
        '{ patients(first: 100) { nodes { claims(first: 100) { nodes { patient { entries(first: 100) { nodes { id } } } } } } } }',
    }),
    400,
    'QUERY_TOO_COSTLY',
  ],
];

test.each(requests)('%s is refused with a code', async (_what, body, status, code) => {
  const answer = await system.send(body, await system.token('hospital-a'));
  expect([answer.status, ...new Set(codesOf(answer))]).toEqual([status, code]);
  expect(answer.data ?? null).toBeNull();
});

const propose =
  'mutation($input: ProposeEntriesInput!) { proposeEntries(input: $input) { transaction { id } entries { id } } }';
const observation = { resourceType: 'Observation', status: 'final', code: { text: 'Weight' } };

test('malformed FHIR is refused with the path of what is wrong', async () => {
  const wrong = async (resource: unknown) => {
    const answer = await system.ask('hospital-a', propose, { input: { patient, resources: [resource] } });
    expect(answer.data ?? null).toBeNull();
    return answer;
  };
  const faults: readonly (readonly [object, RegExp])[] = [
    [{ resourceType: 'Observation', status: 'final' }, /code/],
    [{ ...observation, status: 7 }, /status/],
    [{ ...observation, valueQuantity: { value: 'heavy' } }, /value/],
    [{ ...observation, colour: 'red' }, /colour/],
    [{ resourceType: 'Spell' }, /Spell|resourceType/],
  ];
  for (const [resource, path] of faults) {
    const answer = await wrong(resource);
    expect(codesOf(answer)).toEqual(['FHIR_INVALID']);
    expect(answer.errors?.[0]?.message).toMatch(path);
  }
  for (const nothing of ['text', 7, [observation], null]) {
    expect(codesOf(await wrong(nothing))).toEqual(['BAD_USER_INPUT']);
  }
});

test('an argument that is null is one that is not given', async () => {
  const lists = `query($after: String, $patient: ID) {
    claims(first: 1, after: $after, patient: $patient) { nodes { id } } }`;
  expect((await system.ask('hospital-a', lists, { after: null, patient: null })).data).toEqual({
    claims: { nodes: [{ id: claim }] },
  });
  const input = { patient, resources: [observation], idempotencyKey: null };
  expect((await system.ask('hospital-a', propose, { input })).errors).toBeUndefined();
});

test('what is not there answers null or NOT_FOUND', async () => {
  const stranger = '0'.repeat(40);
  expect(
    (
      await system.ask(
        'hospital-a',
        '{ patient(id: "nobody") { id } entry(id: "none") { id } claim(id: "none") { id } }',
      )
    ).data,
  ).toEqual({ patient: null, entry: null, claim: null });
  expect(
    codesOf(
      await system.ask('hospital-a', propose, { input: { patient: stranger, resources: [observation] } }),
    ),
  ).toEqual(['PATIENT_NOT_FOUND']);
  const grantAccess = 'mutation { grantAccess(input: { consent: "none" }) { consent { id } } }';
  expect(codesOf(await system.ask(`patient:${patient}`, grantAccess))).toEqual(['CONSENT_NOT_FOUND']);
  const eligibility = '{ eligibility(coverage: "none", servicedDate: "2026-01-01") { inforce } }';
  expect(codesOf(await system.ask('insurer-a', eligibility))).toEqual(['COVERAGE_NOT_FOUND']);
});

const pay = `mutation($claim: ID!) {
  payClaim(input: { claim: $claim, date: "2026-03-09", identifier: "P-1" }) { claim { state } } }`;

test('a claim cannot skip a state, nor be touched by who is no party to it', async () => {
  expect(codesOf(await system.ask('insurer-a', pay, { claim }))).toEqual(['CLAIM_STATE_INVALID']);
  expect(codesOf(await system.ask('insurer-b', pay, { claim }))).toEqual(['CLAIM_NOT_FOUND']);
  expect(codesOf(await system.ask('hospital-a', pay, { claim }))).toEqual(['FORBIDDEN']);
  const cancel = `mutation($claim: ID!) { cancelClaim(input: { claim: $claim, reason: "Mine" }) { claim { state } } }`;
  expect(codesOf(await system.ask('hospital-b', cancel, { claim }))).toEqual(['CLAIM_NOT_FOUND']);
  const read = 'query($claim: ID!) { claim(id: $claim) { id state resource } }';
  expect((await system.ask('insurer-b', read, { claim })).data).toEqual({ claim: null });
  expect((await system.ask('hospital-b', read, { claim })).data).toEqual({ claim: null });
  expect((await system.ask('hospital-a', '{ claims { nodes { id state } } }')).data).toEqual({
    claims: { nodes: [{ id: claim, state: 'CHECKED' }] },
  });
});

test('a replayed idempotency key is answered with the first transaction, and with no other content', async () => {
  const input = { patient, resources: [observation], idempotencyKey: randomUUID() };
  const first = await system.data('hospital-a', propose, { input });
  const replays = await Promise.all([1, 2, 3].map(() => system.data('hospital-a', propose, { input })));
  for (const replay of replays) expect(replay).toEqual(first);
  const other = { ...input, resources: [{ ...observation, code: { text: 'Height' } }] };
  const answer = await system.ask('hospital-a', propose, { input: other });
  // Entries keep the ids that the key gives them: other content under the same key never becomes another entry.
  if (answer.errors === undefined) expect(answer.data).toEqual(first);
  else expect(codesOf(answer)).toEqual(['IDEMPOTENCY_KEY_REUSED']);
});

test('of two grants at once one is made, and the other is told of the state', async () => {
  const consent = await requestConsent(system, patient);
  const grantAccess = `mutation($input: GrantAccessInput!) {
    grantAccess(input: $input) { consent { status } } }`;
  const answers = await Promise.all(
    [1, 2].map(() => system.ask(`patient:${patient}`, grantAccess, { input: { consent } })),
  );
  const outcomes = answers.map((answer) => codesOf(answer)[0] ?? 'granted').sort();
  expect(outcomes).toEqual(['CONSENT_STATE_INVALID', 'granted']);
  const status = await system.data(`patient:${patient}`, 'query($id: ID!) { consent(id: $id) { status } }', {
    id: consent,
  });
  expect(status).toEqual({ consent: { status: 'ACTIVE' } });
});

test('forged cursors are refused, of pages and of streams', async () => {
  const page = (after: string) =>
    system.ask('hospital-a', 'query($after: String) { patients(first: 1, after: $after) { nodes { id } } }', {
      after,
    });
  const forged = [
    'nonsense',
    '',
    base64({ $gt: '' }),
    base64(['a']),
    Buffer.from('{"$ne":1}').toString('base64'),
  ];
  for (const cursor of forged) {
    expect({ cursor, codes: codesOf(await page(cursor)) }).toEqual({ cursor, codes: ['CURSOR_INVALID'] });
  }
  const client = await system.client('hospital-a');
  for (const field of ['claimChanged', 'consentChanged', 'entryChanged']) {
    const events = client.stream(`subscription { ${field}(after: "nonsense") { cursor } }`);
    await expect(events.next()).rejects.toMatchObject({ code: 'CURSOR_INVALID' });
  }
});

test('an id of somebody else opens nothing in any argument', async () => {
  const other = await registerPatient(system);
  const consent = await requestConsent(system, patient);
  const all = `query($patient: ID!, $entry: ID!, $claim: ID!, $coverage: ID!, $consent: ID!) {
    patient(id: $patient) { id }
    entry(id: $entry) { id resource }
    claim(id: $claim) { id }
    coverage(id: $coverage) { id }
    consent(id: $consent) { id }
    claims(patient: $patient) { nodes { id } }
    consents(patient: $patient) { nodes { id } }
  }`;
  const nothing = {
    patient: null,
    entry: null,
    claim: null,
    coverage: null,
    consent: null,
    claims: { nodes: [] },
    consents: { nodes: [] },
  };
  const variables = { patient, entry, claim, coverage, consent };
  for (const role of [`patient:${other}`, 'insurer-b', 'hospital-b', 'regulator']) {
    const answer = await system.ask(role, all, variables);
    expect({ role, errors: answer.errors, data: answer.data }).toEqual({
      role,
      errors: undefined,
      data: nothing,
    });
  }
  const acts: readonly (readonly [string, string])[] = [
    ['CONSENT_NOT_FOUND', `mutation { grantAccess(input: { consent: "${consent}" }) { consent { id } } }`],
    ['CONSENT_NOT_FOUND', `mutation { denyAccess(input: { consent: "${consent}" }) { consent { id } } }`],
  ];
  for (const [code, mutation] of acts) {
    expect(codesOf(await system.ask(`patient:${other}`, mutation))).toEqual([code]);
  }
  // An entry's id names its patient: whether there is one by that name makes no difference to anybody else.
  const authorize = (id: string) =>
    system.ask(
      `patient:${other}`,
      'mutation($id: ID!) { authorizeEntries(input: { entries: [$id] }) { entries { id } } }',
      { id },
    );
  const invented = `${patient}:${'0'.repeat(32)}`;
  const refusal = await authorize(entry);
  expect(codesOf(refusal)).toEqual(['BAD_USER_INPUT']);
  expect(refusal.errors?.[0]?.message.replace(entry, '')).toBe(
    (await authorize(invented)).errors?.[0]?.message.replace(invented, ''),
  );
  await grant(system, patient, consent);
});
