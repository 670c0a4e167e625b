import { type KeyObject } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Relations, type SubgraphServices } from '@medigraph/platform/graph';
import { type Caller } from '@medigraph/platform/identity';
import { type SubmitRequest } from '@medigraph/platform/ledger';
import { createProjector } from '@medigraph/platform/projection';
import { unwrapKey } from '@medigraph/platform/wallet';
import { type care } from '@medigraph/schema';
import {
  keyOf,
  KeyRewrapping,
  KeyRotations,
  ProgressStore,
  Seals,
} from '@medigraph/subgraph-records/rewrapping';
import { eventually } from '../system/eventually.js';
import { type Answer, LiveGraph, type Person } from './live-graph.js';

const hospital: Person = { role: 'hospital', mspId: 'HospitalAMSP', institution: 'hospital-a' };
const batch = 4;
const entries = 11;

const fhirClaim = {
  resourceType: 'Claim',
  status: 'active',
  use: 'claim',
  type: { text: 'professional' },
  patient: { reference: 'Patient/1' },
  created: '2026-03-02',
  provider: { reference: 'Organization/hospital-a' },
  priority: { text: 'normal' },
  insurance: [{ sequence: 1, focal: true, coverage: { reference: 'Coverage/1' } }],
  item: [
    {
      sequence: 1,
      productOrService: { coding: [{ system: 'http://snomed.info/sct', code: '1', display: 'Check' }] },
      servicedDate: '2026-03-01',
      net: { value: 120.5, currency: 'USD' },
    },
  ],
  total: { value: 120.5, currency: 'USD' },
};

let graph: LiveGraph;
let patient: Person;
let address: string;

const dataOf = (answer: Answer): Record<string, unknown> => {
  expect(answer.errors).toBeUndefined();
  return answer.data ?? {};
};
const rotate = () => graph.ask('patients', patient, 'mutation { rotateKeys { transaction { block } } }');
const progressOf = async (person: Person) =>
  dataOf(
    await graph.ask('records', person, '{ rewrapProgress { total rewrapped unreadable startedAt endedAt } }'),
  )['rewrapProgress'] as { rewrapped: number; startedAt: string; endedAt: string | null } | null;
const rewrapped = () =>
  eventually(
    'the keys are rewrapped',
    () => progressOf(patient),
    (told) => typeof told?.endedAt === 'string',
  );

/** Which of the patient's keys on the ledger a private key opens. */
async function openedBy(privateKey: KeyObject | undefined): Promise<number> {
  if (privateKey === undefined) throw new Error('no private key');
  const { ledger, custody, envelopes } = graph.services('records');
  const caller: Caller = { ...patient, subject: address, scopes: new Set(), expiresAt: 0 };
  const { items } = await ledger.evaluate<{ items: care.KeyInPlace[] }>({
    channel: 'care',
    chaincode: 'care',
    contract: 'Records',
    transaction: 'KeysOf',
    argument: { patient: address, pageSize: 1000 },
    signer: await custody.signerFor(caller),
  });
  const opened = await Promise.allSettled(items.map(({ key }) => envelopes.unwrap(key, privateKey)));
  return opened.filter(({ status }) => status === 'fulfilled').length;
}

/** Another server, whose connection breaks just after the ledger has taken its second batch. */
async function rewrapHalfway(block: number): Promise<void> {
  const services = graph.services('records');
  const { ledger, network, documents } = services;
  const connection = documents.connection.useDb(`${documents.connection.name}_halfway`);
  let submitted = 0;
  const breaking: SubgraphServices['ledger'] = {
    offline: ledger.offline,
    evaluate: (request) => ledger.evaluate(request),
    blocks: (...from) => ledger.blocks(...from),
    healthy: () => ledger.healthy(),
    close: () => ledger.close(),
    async submit<T>(request: SubmitRequest) {
      const committed = await ledger.submit<T>(request);
      submitted += 1;
      if (submitted === 2) throw new Error('cut off');
      return committed;
    },
  };
  const relations = new Relations(connection, network, 'halfway');
  const seals = new Seals(connection, network);
  const rotations = new KeyRotations(connection, network);
  const projections = [relations, seals, rotations];
  const projector = createProjector({ name: 'halfway', ledger, connection, projections });
  try {
    await projector.start();
    expect(await projector.reached('care', block)).toBe(true);
    const progress = new ProgressStore(connection);
    const rewrapping = {
      services: { ...services, ledger: breaking },
      rotations,
      relations,
      seals,
      progress,
      batch,
    };
    await new KeyRewrapping(rewrapping).pass();
    const rotation = await rotations.of(address);
    expect(await progress.of(address, rotation ? keyOf(rotation) : '')).toMatchObject({
      total: entries,
      rewrapped: batch,
    });
  } finally {
    await projector.stop();
    await connection.dropDatabase();
  }
}

beforeAll(async () => {
  graph = await LiveGraph.start();
  const institution = `mutation { registerInstitution(input: { id: "hospital-a", name: "A", kind: HOSPITAL }) { institution { id } } }`;
  dataOf(await graph.ask('patients', { role: 'operator', mspId: 'HospitalAMSP' }, institution));
  const registered = dataOf(
    await graph.ask(
      'patients',
      hospital,
      'mutation { registerPatient(input: { identifier: "MRN-1" }) { patient { id } } }',
    ),
  );
  ({ id: address } = (registered['registerPatient'] as { patient: { id: string } }).patient);
  patient = { role: 'patient', mspId: 'PatientsMSP', patient: address };
  const resources = Array.from({ length: entries }, (_, note) => ({
    resourceType: 'Observation',
    status: 'final',
    code: { text: `note ${note}` },
    effectiveDateTime: '2026-01-02',
  }));
  dataOf(
    await graph.ask(
      'records',
      patient,
      'mutation($input: AddPersonalEntriesInput!) { addPersonalEntries(input: $input) { entries { id } } }',
      { input: { resources } },
    ),
  );
}, 120_000);

afterAll(async () => {
  await graph.close();
});

test('nobody who has not rotated keys has any to rewrap, and only who has keys may ask', async () => {
  expect(await progressOf(patient)).toBeNull();
  expect(await progressOf(hospital)).toBeNull();
  const regulator: Person = { role: 'regulator', mspId: 'RegulatorMSP' };
  const refused = await graph.ask('records', regulator, '{ rewrapProgress { total } }');
  expect(refused.errors?.[0]?.extensions.code).toBe('FORBIDDEN');
});

test('after a rotation every key is wrapped for the key that followed, and the old one opens none', async () => {
  const { custody } = graph.services('records');
  const old = (await custody.decryptionKeys(address))[0];
  expect(await openedBy(old)).toBe(entries);
  dataOf(await rotate());
  expect(await rewrapped()).toMatchObject({ total: entries, rewrapped: entries, unreadable: 0 });
  expect(await openedBy(old)).toBe(0);
  expect(await openedBy((await custody.decryptionKeys(address))[0])).toBe(entries);
});

test('cut off half-way, it goes on with what the ledger still shows to be wrapped for the old key', async () => {
  const { custody } = graph.services('records');
  const old = (await custody.decryptionKeys(address))[0];
  await graph.without('records', async () => {
    const { rotateKeys } = dataOf(await rotate()) as { rotateKeys: { transaction: { block: number } } };
    await rewrapHalfway(rotateKeys.transaction.block);
    expect(await openedBy(old)).toBe(entries - 2 * batch);
  });
  await eventually(
    'the old key opens nothing',
    () => openedBy(old),
    (opened) => opened === 0,
  );
  expect(await rewrapped()).toMatchObject({ total: entries, rewrapped: entries, unreadable: 0 });
  expect(await openedBy((await custody.decryptionKeys(address))[0])).toBe(entries);
});

describe('of an institution', () => {
  const rotateOf = (institution: string, person: Person) =>
    graph.ask(
      'patients',
      person,
      'mutation($input: RotateInstitutionKeyInput!) { rotateInstitutionKey(input: $input) { transaction { block } } }',
      { input: { institution } },
    );
  const operator: Person = { role: 'operator', mspId: 'InsurerAMSP' };
  const insurer: Person = { role: 'insurer', mspId: 'InsurerAMSP', institution: 'insurer-a' };

  /** A look at what there is to do in which a rotation counts as settled at once. */
  async function settle(): Promise<void> {
    const services = graph.services('records');
    const { network, documents, ledger } = services;
    const connection = documents.connection.useDb(`${documents.connection.name}_settled`);
    const relations = new Relations(connection, network, 'settled');
    const seals = new Seals(connection, network);
    const rotations = new KeyRotations(connection, network);
    const projections = [relations, seals, rotations];
    const projector = createProjector({ name: 'settled', ledger, connection, projections });
    try {
      await projector.start();
      const checkpoints = await graph.subgraph('records').projector.checkpoints();
      for (const [channel, block] of Object.entries(checkpoints))
        expect(await projector.reached(channel, block)).toBe(true);
      const progress = new ProgressStore(documents.connection);
      await new KeyRewrapping({ services, rotations, relations, seals, progress, settleMs: 0 }).pass();
    } finally {
      await projector.stop();
      await connection.dropDatabase();
    }
  }

  const firstResourceOf = async (person: Person) =>
    graph.ask(
      'records',
      person,
      `query($id: ID!) { _entities(representations: [{ __typename: "Patient", id: $id }]) {
        ... on Patient { entries(first: 20) { nodes { resource(purpose: COVAUTH) } } } } }`,
      { id: address },
    );

  beforeAll(async () => {
    dataOf(
      await graph.ask(
        'patients',
        operator,
        'mutation { registerInstitution(input: { id: "insurer-a", name: "A", kind: INSURER }) { institution { id } } }',
      ),
    );
    const asked = dataOf(
      await graph.ask(
        'consent',
        insurer,
        'mutation($input: RequestAccessInput!) { requestAccess(input: $input) { consent { id } } }',
        {
          input: {
            patient: address,
            provision: { purpose: ['COVAUTH'], category: ['OBSERVATION'] },
            reason: 'To decide',
          },
        },
      ),
    );
    const { consent } = asked['requestAccess'] as { consent: { id: string } };
    const granted = dataOf(
      await graph.ask(
        'consent',
        patient,
        'mutation($id: ID!) { grantAccess(input: { consent: $id }) { transaction { block } } }',
        { id: consent.id },
      ),
    );
    const { transaction } = granted['grantAccess'] as { transaction: { block: number } };
    await graph.subgraph('records').projector.reached('care', transaction.block);
  });

  test('what was granted follows its rotation, is told as it does, and the former key is destroyed in the end', async () => {
    const { custody } = graph.services('records');
    const [old] = await custody.decryptionKeys('insurer-a');
    const subscriber = await graph.subscriber('records', insurer);
    const events = subscriber.iterate<{ rewrapProgress: { keys: number; left: number; cursor: string } }>({
      query: 'subscription { rewrapProgress { keys left cursor } }',
    });
    const told = events.next();
    expect((await rotateOf('insurer-a', hospital)).errors?.[0]?.extensions.code).toBe('FORBIDDEN');
    expect(
      (await rotateOf('insurer-a', { role: 'operator', mspId: 'HospitalAMSP' })).errors?.[0]?.extensions.code,
    ).toBe('FORBIDDEN');
    dataOf(await rotateOf('insurer-a', operator));
    expect((await told).value).toMatchObject({
      data: { rewrapProgress: { keys: entries, left: 0 } },
    });
    await events.return?.();
    const progress = await eventually(
      'the keys are rewrapped',
      () => progressOf(insurer),
      (one) => typeof one?.endedAt === 'string',
    );
    expect(progress).toMatchObject({ total: entries, rewrapped: entries, unreadable: 0 });
    const [newest, former] = await custody.decryptionKeys('insurer-a');
    expect(old && former?.equals(old)).toBe(true);
    await settle();
    expect(await custody.decryptionKeys('insurer-a')).toEqual([newest]);
    const read = JSON.stringify(await firstResourceOf(insurer));
    expect(read.match(/"note \d+"/g) ?? read).toHaveLength(entries);
  });

  test('whoever was not listening is told from where they left', async () => {
    const subscriber = await graph.subscriber('records', insurer);
    const first = subscriber.iterate<{ rewrapProgress: { cursor: string; keys: number } }>({
      query: 'subscription { rewrapProgress(after: "") { cursor keys } }',
    });
    const refused = await first.next().then(
      ({ value }) => value as { errors?: readonly { extensions?: { code?: string } }[] },
      (error: unknown) => ({ errors: error as readonly { extensions?: { code?: string } }[] }),
    );
    expect(refused.errors?.[0]?.extensions?.code).toBe('CURSOR_INVALID');
    const events = subscriber.iterate<{ rewrapProgress: { cursor: string; keys: number } }>({
      query: 'subscription { rewrapProgress { cursor keys } }',
    });
    const next = events.next();
    dataOf(await rotateOf('insurer-a', operator));
    const { value } = (await next) as { value: { data: { rewrapProgress: { cursor: string } } } };
    const { cursor } = value.data.rewrapProgress;
    await events.return?.();
    await rewrappedAgain();
    dataOf(await rotateOf('insurer-a', operator));
    await rewrappedAgain();
    const again = subscriber.iterate<{ rewrapProgress: { keys: number } }>({
      query: 'subscription($after: String) { rewrapProgress(after: $after) { keys } }',
      variables: { after: cursor },
    });
    expect((await again.next()).value).toMatchObject({ data: { rewrapProgress: { keys: entries } } });
    await again.return?.();
  });

  test('claims and a guardian’s share follow too, so that no former key is needed for them', async () => {
    const { custody, ledger } = graph.services('records');
    const claimed = async (person: Person, operation: string, input: object): Promise<string> => {
      const declared = `${operation[0]?.toUpperCase() ?? ''}${operation.slice(1)}Input!`;
      const thing = operation === 'submitClaim' ? 'claim' : 'coverage';
      const query = `mutation($input: ${declared}) { ${operation}(input: $input) { ${thing} { id } } }`;
      const data = dataOf(await graph.ask('claims', person, query, { input }));
      return (data[operation] as Record<string, { id: string }>)[thing]?.id ?? '';
    };
    const terms = { guardians: ['insurer-a', 'hospital-a'], threshold: 2, waitingDays: 1 };
    const name = 'mutation($input: NameGuardiansInput!) { nameGuardians(input: $input) { guardians } }';
    dataOf(await graph.ask('patients', patient, name, { input: terms }));
    const coverage = await claimed(insurer, 'registerCoverage', { beneficiary: address, currency: 'USD' });
    const claim = await claimed(hospital, 'submitClaim', { coverage, resource: fhirClaim });
    const resource = async (person: Person) =>
      dataOf(
        await graph.ask('claims', person, 'query($id: ID!) { claim(id: $id) { resource } }', { id: claim }),
      )['claim'];
    const ended = (who: Person, total: number) =>
      eventually(
        'the keys are rewrapped',
        () => progressOf(who),
        (told) => typeof told?.endedAt === 'string' && told.rewrapped === total,
      );

    dataOf(await rotate());
    expect(await resource(patient)).toEqual({ resource: fhirClaim });
    await ended(patient, entries + 1);
    dataOf(await rotateOf('insurer-a', operator));
    await ended(insurer, entries + 2);
    await settle();
    for (const [who, owner] of [
      [patient, address],
      [insurer, 'insurer-a'],
    ] as const) {
      expect(await custody.decryptionKeys(owner)).toHaveLength(1);
      expect(await resource(who)).toEqual({ resource: fhirClaim });
    }
    const { share } = await ledger.evaluate<care.SealedShare>({
      channel: 'care',
      chaincode: 'care',
      contract: 'Recovery',
      transaction: 'ReadShare',
      argument: { patient: address, institution: 'insurer-a' },
      signer: await custody.organization('InsurerAMSP'),
    });
    const privateKeys = await custody.decryptionKeys('insurer-a');
    const opened = await unwrapKey(
      share,
      privateKeys.map((privateKey) => ({ privateKey })),
    );
    expect(opened.byteLength).toBeGreaterThan(0);
  }, 60_000);

  async function rewrappedAgain(): Promise<void> {
    const { custody } = graph.services('records');
    const [newest] = await custody.decryptionKeys('insurer-a');
    await eventually(
      'the keys are rewrapped',
      async () => {
        const { ledger, envelopes } = graph.services('records');
        const { items } = await ledger.evaluate<{ items: care.KeyInPlace[] }>({
          channel: 'care',
          chaincode: 'care',
          contract: 'Records',
          transaction: 'KeysOf',
          argument: { patient: address, institution: 'insurer-a', pageSize: 1000 },
          signer: await custody.organization('InsurerAMSP'),
        });
        const opened = await Promise.allSettled(
          items.map(({ key }) => (newest ? envelopes.unwrap(key, newest) : Promise.reject(new Error()))),
        );
        return opened.filter(({ status }) => status === 'fulfilled').length;
      },
      (opened) => opened === entries,
    );
  }
});
