import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { placeOf } from '@medigraph/platform/graph';
import { createEnvelopeService } from '@medigraph/platform/envelope';
import { Wallet, type WalletGraph } from '@medigraph/platform/wallet';
import { care } from '@medigraph/schema';
import { type Draft, DraftSweep, DraftStore } from '@medigraph/subgraph-records/large';
import { type Answer, LiveGraph, type Person } from './live-graph.js';

const hospital: Person = { role: 'hospital', mspId: 'HospitalAMSP', institution: 'hospital-a' };
const envelopes = createEnvelopeService();

let graph: LiveGraph;
let wallet: Wallet;
let other: Wallet;

class GraphError extends Error {
  constructor(
    readonly code: string | undefined,
    message: string,
  ) {
    super(message);
  }
}
const graphOf = (person: Person): WalletGraph => ({
  async request<Data>(query: string, variables: Record<string, unknown>): Promise<Data> {
    const { data, errors } = await graph.ask('patients', person, query, variables);
    if (errors?.[0]) throw new GraphError(errors[0].extensions.code, errors[0].message);
    return data as Data;
  },
});
const graphOfOwner = ({ address }: Wallet): WalletGraph =>
  graphOf({ role: 'patient', mspId: 'PatientsMSP', patient: address });

beforeAll(async () => {
  graph = await LiveGraph.start();
  const register = `mutation { registerInstitution(input: { id: "hospital-a", name: "A", kind: HOSPITAL }) { institution { id } } }`;
  const { errors } = await graph.ask('patients', { role: 'operator', mspId: 'HospitalAMSP' }, register);
  expect(errors).toBeUndefined();
  [wallet, other] = await Promise.all([Wallet.create(), Wallet.create()]);
  await wallet.register(graphOf(hospital), 'MRN-1');
  await other.register(graphOf(hospital), 'MRN-2');
}, 120_000);

afterAll(async () => {
  await graph.close();
});

interface Begun {
  readonly id: string;
  readonly content: Uint8Array;
  readonly bodies: readonly string[];
}

/** An entry of the wallet's owner that is begun, and the parts to bring. */
async function begun(bytes: number): Promise<Begun> {
  const own = graphOfOwner(wallet);
  const patient = wallet.address;
  const id = randomBytes(16).toString('hex');
  const content = randomBytes(bytes);
  const { encryptionKey: key } = await wallet.evaluate(own, 'Registration:Resolve', { patient });
  const { body, keys, sha256, size } = await envelopes.seal(id, content, [{ id: patient, key }]);
  const bodies = Array.from({ length: Math.ceil(body.length / care.partCharacters) }, (_, part) =>
    body.slice(part * care.partCharacters, (part + 1) * care.partCharacters),
  );
  await wallet.submit(own, 'Records:BeginEntry', {
    patient,
    parts: bodies.length,
    entry: {
      id,
      resourceType: 'DocumentReference',
      category: 'other',
      date: '2026-01-05',
      size,
      sha256,
      keys,
    },
  });
  return { id, content, bodies };
}

async function append(writer: Wallet, entry: string, part: number, body: string): Promise<void> {
  const argument = { patient: wallet.address, entry, part, body };
  await writer.submit(graphOfOwner(writer), 'Records:AppendBody', argument);
}

const complete = (entry: string) =>
  wallet.submit(graphOfOwner(wallet), 'Records:CompleteEntry', { patient: wallet.address, entry });

test('an entry stored in parts is opened whole, beside one that is stored as one', async () => {
  const own = graphOfOwner(wallet);
  const { id, content, bodies } = await begun(2_000_000);
  expect(bodies.length).toBeGreaterThan(2);
  for (const [part, body] of bodies.entries()) await append(wallet, id, part, body);
  await expect(wallet.openEntries(own, [id])).rejects.toMatchObject({ code: 'ENTRY_NOT_FOUND' });
  await complete(id);
  const [small] = await wallet.addPersonalEntries(own, [
    {
      resourceType: 'Observation',
      category: 'observation',
      date: '2026-01-05',
      content: new TextEncoder().encode('{}'),
    },
  ]);
  const opened = await wallet.openEntries(own, [small?.id ?? '', id]);
  expect(opened.map(({ entry, content: { length } }) => [entry.id, entry.parts, length])).toEqual([
    [small?.id, undefined, 2],
    [id, bodies.length, content.length],
  ]);
  expect(Buffer.compare(opened[1]?.content ?? Buffer.alloc(0), content)).toBe(0);
}, 120_000);

test('a wallet stores a large entry beside small ones in one call', async () => {
  const own = graphOfOwner(wallet);
  const contents = [randomBytes(1_000), randomBytes(3_000_000), randomBytes(2_000)];
  const added = await wallet.addPersonalEntries(
    own,
    contents.map((content) => ({
      resourceType: 'DocumentReference',
      category: 'other',
      date: '2026-01-05',
      content,
    })),
  );
  expect(added.map(({ size, parts }) => [size, parts])).toEqual([
    [1_000, undefined],
    [3_000_000, 5],
    [2_000, undefined],
  ]);
  const opened = await wallet.openEntries(
    own,
    added.map(({ id }) => id),
  );
  for (const [index, { content }] of opened.entries())
    expect(Buffer.compare(content, contents[index] ?? Buffer.alloc(0))).toBe(0);
}, 60_000);

test('parts of somebody else, missing, or in another order make no entry, and a draft that is discarded is gone', async () => {
  const own = graphOfOwner(wallet);
  const { id, bodies } = await begun(1_000_000);
  const [first = '', second = ''] = bodies;
  await expect(append(other, id, 0, first)).rejects.toMatchObject({ code: 'DRAFT_NOT_FOUND' });
  await append(wallet, id, 0, second);
  await expect(complete(id)).rejects.toMatchObject({ code: 'DRAFT_INCOMPLETE' });
  await append(wallet, id, 1, first);
  await expect(complete(id)).rejects.toMatchObject({ code: 'DRAFT_INCOMPLETE' });
  await wallet.submit(own, 'Records:DiscardEntry', { patient: wallet.address, entry: id });
  await expect(complete(id)).rejects.toMatchObject({ code: 'DRAFT_NOT_FOUND' });
  await expect(wallet.openEntries(own, [id])).rejects.toMatchObject({ code: 'ENTRY_NOT_FOUND' });
}, 120_000);

describe('through the platform', () => {
  let patient: Person;
  let id: string;
  const insurer: Person = { role: 'insurer', mspId: 'InsurerAMSP', institution: 'insurer-a' };

  const dataOf = (answer: Answer): Record<string, unknown> => {
    expect(answer.errors).toBeUndefined();
    return answer.data ?? {};
  };
  const codeOf = ({ errors }: Answer): string | undefined => errors?.[0]?.extensions.code;
  const ask = async (subgraph: string, person: Person, query: string, variables: object = {}) =>
    dataOf(await graph.ask(subgraph, person, query, variables));

  /** A resource of about so many bytes. */
  const letter = (name: string, bytes: number) => ({
    resourceType: 'DocumentReference',
    status: 'current',
    description: name,
    subject: { identifier: { value: 'MRN-3' } },
    date: '2026-03-01T10:00:00Z',
    content: [
      {
        attachment: {
          contentType: 'application/pdf',
          data: randomBytes(Math.floor((bytes * 3) / 4)).toString('base64'),
        },
      },
    ],
  });
  const entries = 'entries { id size status provenance { method source } } transaction { id }';
  interface Written {
    readonly entries: readonly { readonly id: string; readonly size: number; readonly status: string }[];
    readonly transaction: { readonly id: string };
  }
  const propose = (resources: readonly object[], more: object = {}) =>
    graph.ask(
      'records',
      hospital,
      `mutation($input: ProposeEntriesInput!) { proposeEntries(input: $input) { ${entries} } }`,
      { input: { patient: id, resources, knownAs: ['MRN-3'], ...more } },
    );
  const add = (resources: readonly object[], idempotencyKey?: string) =>
    graph.ask(
      'records',
      patient,
      `mutation($input: AddPersonalEntriesInput!) { addPersonalEntries(input: $input) { ${entries} } }`,
      { input: { resources, idempotencyKey } },
    );
  const contentOf = async (person: Person, entry: string): Promise<unknown> => {
    const purpose = person.role === 'insurer' ? 'COVAUTH' : 'PATRQT';
    const query = `query($id: ID!) { entry(id: $id) { resource(purpose: ${purpose}) } }`;
    const data = await ask('records', person, query, { id: entry });
    return (data['entry'] as { resource: unknown } | null)?.resource;
  };
  const bring = async (lines: readonly object[]): Promise<string[]> => {
    const response = await fetch(new URL(`/imports/${id}`, graph.subgraph('records').url), {
      method: 'POST',
      headers: {
        authorization: `Bearer ${await graph.token(hospital)}`,
        'content-type': 'application/fhir+ndjson',
      },
      body: lines.map((line) => JSON.stringify(line)).join('\n'),
    });
    const told = (await response.text()).trim().split('\n').slice(0, -1);
    return told.map((line) => (JSON.parse(line) as { status: string }).status);
  };

  beforeAll(async () => {
    const made = `mutation { registerInstitution(input: { id: "insurer-a", name: "I", kind: INSURER }) { institution { id } } }`;
    await ask('patients', { role: 'operator', mspId: 'InsurerAMSP' }, made);
    const { registerPatient } = await ask(
      'patients',
      hospital,
      'mutation { registerPatient(input: { identifier: "MRN-3" }) { patient { id } } }',
    );
    ({ id } = (registerPatient as { patient: { id: string } }).patient);
    patient = { role: 'patient', mspId: 'PatientsMSP', patient: id };
    await ask(
      'records',
      patient,
      'mutation { authorizeStorage(input: { institutions: ["hospital-a"] }) { transaction { id } } }',
    );
    await ask(
      'consent',
      patient,
      `mutation($input: OfferAccessInput!) { offerAccess(input: $input) { consent { id } } }`,
      {
        input: {
          grantee: 'insurer-a',
          provision: {
            purpose: ['COVAUTH'],
            category: ['DOCUMENT'],
            dataPeriod: { start: '2026-01-01', end: '2099-01-01' },
          },
        },
      },
    );
  }, 60_000);

  test('what an institution proposes is the patient’s to authorise, and then whoever’s it is granted to', async () => {
    const resource = letter('report', 5_000_000);
    const { proposeEntries } = dataOf(await propose([resource], { source: 'pacs' }));
    const [entry] = (proposeEntries as Written).entries;
    expect(entry).toMatchObject({ status: 'PRELIMINARY', provenance: { method: 'ENTERED', source: 'pacs' } });
    expect(entry?.size).toBeGreaterThan(4_900_000);
    const authorize = `mutation($input: AuthorizeEntriesInput!) { authorizeEntries(input: $input) { transaction { id } } }`;
    await ask('records', patient, authorize, { input: { entries: [entry?.id] } });
    for (const person of [patient, insurer])
      expect(await contentOf(person, entry?.id ?? '')).toEqual(resource);
  }, 60_000);

  test('what the patient adds is sealed for whoever was granted access, and added once under one key', async () => {
    const resource = letter('diary', 2_000_000);
    const first = dataOf(await add([resource], 'diary-1'))['addPersonalEntries'] as Written;
    const again = dataOf(await add([resource], 'diary-1'))['addPersonalEntries'] as Written;
    expect(again).toEqual(first);
    for (const person of [patient, insurer])
      expect(await contentOf(person, first.entries[0]?.id ?? '')).toEqual(resource);
  }, 60_000);

  test('imported among others, also twice at once, it is stored once', async () => {
    const lines = [letter('small', 1_000), letter('large', 15_000_000), letter('last', 1_000)];
    const told = await Promise.all([bring(lines), bring(lines)]);
    for (const each of told) expect(each).toHaveLength(3);
    for (const line of [0, 1, 2])
      expect(told.map((each) => each[line]).sort()).toEqual(['EXISTING', 'STORED']);
    expect(await bring(lines)).toEqual(['EXISTING', 'EXISTING', 'EXISTING']);
  }, 120_000);

  test('several in one call would not be done whole or not at all, and there is an end to what one may be', async () => {
    const two = [letter('one', 1_500_000), letter('two', 1_500_000)];
    expect(codeOf(await propose(two))).toBe('BAD_USER_INPUT');
    expect(codeOf(await add(two))).toBe('BAD_USER_INPUT');
    expect(codeOf(await add([letter('endless', 20_000_000)]))).toBe('BODY_TOO_LARGE');
    expect(await bring([letter('endless', 20_100_000)])).toEqual(['REFUSED']);
  }, 60_000);

  test('what a writer began and never completed is discarded, once nothing came of it for a while', async () => {
    const services = graph.services('records');
    const drafts = new DraftStore(services.documents.connection);
    const draft: Draft = {
      patient: id,
      entry: 'abandoned',
      mspId: 'HospitalAMSP',
      institution: 'hospital-a',
    };
    const lease = await drafts.take(draft);
    const signer = await services.custody.organization('HospitalAMSP');
    const { channel, chaincode } = placeOf(services.network, 'care');
    const call = (transaction: string, argument: object) =>
      services.ledger.submit({ channel, chaincode, contract: 'Records', transaction, argument, signer });
    const { encryptionKey: ofPatient } = await services.ledger.evaluate<care.Patient>({
      channel,
      chaincode,
      contract: 'Registration',
      transaction: 'Resolve',
      argument: { patient: id },
      signer,
    });
    const sealed = await envelopes.seal('abandoned', randomBytes(2_000_000), [
      { id, key: ofPatient },
      { id: 'hospital-a', key: ofPatient },
    ]);
    const { body, ...index } = sealed;
    const parts = care.bodyParts(body);
    await call('BeginEntry', {
      patient: id,
      institution: 'hospital-a',
      parts: parts.length,
      entry: {
        id: 'abandoned',
        resourceType: 'Binary',
        category: 'other',
        date: '2026-01-05',
        ...index,
      },
    });
    await call('AppendBody', { patient: id, entry: 'abandoned', part: 0, body: parts[0] });

    expect(await new DraftSweep({ drafts, services }).pass()).toBe(0);
    await lease.touch();
    expect(await new DraftSweep({ drafts, services, idleMs: -1 }).pass()).toBe(1);
    await expect(call('CompleteEntry', { patient: id, entry: 'abandoned' })).rejects.toMatchObject({
      code: 'DRAFT_NOT_FOUND',
    });
    expect(await new DraftSweep({ drafts, services, idleMs: -1 }).pass()).toBe(0);
  }, 60_000);
});
