import { beforeEach, expect, test } from '@jest/globals';
import { care } from '@medigraph/schema';
import { CareScene, wrappedFor } from './testing/care-scene.js';

let scene: CareScene;
beforeEach(async () => {
  scene = await CareScene.open();
  await scene.record(
    scene.clinical('e1'),
    scene.clinical('e2', { resourceType: 'Condition', category: 'condition', date: '2025-12-31' }),
    scene.clinical('old', { date: '2024-12-31' }),
  );
});

const opens = async (
  who: CareScene['doctor'],
  institution: string,
  purpose: 'TREAT' | 'HPAYMT',
  id: string,
) =>
  scene.open(who, institution, purpose, id).then(
    ({ result }) => result[0]?.consent,
    (error: unknown) => /[A-Z_]+(?=:)/.exec(String(error))?.[0],
  );

test.each<[string, Partial<care.Provision>, string[]]>([
  ['one entry', { data: ['e1'] }, ['e1']],
  ['one category', { category: ['condition'] }, ['e2']],
  ['one resource type', { resourceType: ['Condition'] }, ['e2']],
  [
    'two types of one category',
    { resourceType: ['Observation', 'Condition'], category: ['observation'] },
    ['e1', 'old'],
  ],
  ['one time span', { dataPeriod: { start: '2024-01-01', end: '2025-06-30' } }, ['e1', 'old']],
])('a patient opens %s to one doctor, whom nobody asked', async (_what, provision, covered) => {
  const actor = { kind: 'practitioner', id: 'dr-b' } as const;
  const { event } = await scene.offer(
    'c1',
    'hospital-b',
    { purpose: ['TREAT'], actor, ...provision },
    covered,
  );
  expect(event?.name).toBe('ConsentGranted');
  for (const id of ['e1', 'e2', 'old']) {
    expect(await opens(scene.doctor, 'hospital-b', 'TREAT', id)).toBe(
      covered.includes(id) ? 'c1' : 'ENTRY_NOT_FOUND',
    );
    // Nobody else of the hospital, and not for another purpose.
    expect(await opens(scene.otherHospital, 'hospital-b', 'TREAT', id)).toBe('ENTRY_NOT_FOUND');
    expect(await opens(scene.doctor, 'hospital-b', 'HPAYMT', id)).toBe('ENTRY_NOT_FOUND');
  }
});

test('a refusal of one resource type takes it out of whatever else is let read', async () => {
  await scene.offer('c1', 'hospital-b', { purpose: ['TREAT'] }, ['e1', 'e2']);
  await scene.submit(scene.patient, 'Access:Refuse', {
    id: 'no',
    grantee: 'hospital-b',
    period: {},
    provision: { purpose: ['TREAT'], resourceType: ['Condition'] },
  });
  expect(await opens(scene.doctor, 'hospital-b', 'TREAT', 'e1')).toBe('c1');
  expect(await opens(scene.doctor, 'hospital-b', 'TREAT', 'e2')).toBe('ENTRY_NOT_FOUND');
});

test('no key is given for an entry of a type that the consent leaves out', async () => {
  await expect(
    scene.offer('c1', 'hospital-b', { purpose: ['TREAT'], resourceType: ['Condition'] }, ['e1']),
  ).rejects.toThrow(/^CONSENT_NOT_COVERING: /);
});

test.each([
  ['Obervation'],
  ['observation'],
  ['*'],
  ['DomainResource'],
  ['Observation '],
  ['__proto__'],
  [42],
])('a consent that names the type %j is refused', async (type) => {
  const provision = { purpose: ['TREAT'], resourceType: [type] } as care.Provision;
  await expect(scene.offer('c1', 'hospital-b', provision)).rejects.toThrow(
    /^ARGUMENT_INVALID: consents\.0\.provision\.resourceType\.0: /,
  );
});

test('a consent of no resource type at all is refused', async () => {
  await expect(scene.offer('c1', 'hospital-b', { purpose: ['TREAT'], resourceType: [] })).rejects.toThrow(
    /^ARGUMENT_INVALID: /,
  );
});

test('an opening names the doctor who signed; one without such a certificate is the institution’s', async () => {
  await scene.offer('c1', 'hospital-b', { purpose: ['TREAT'] }, ['e1']);
  await scene.open(scene.doctor, 'hospital-b', 'TREAT', 'e1');
  await scene.open(scene.otherHospital, 'hospital-b', 'TREAT', 'e1');
  const { items } = await scene.evaluate(scene.patient, 'Access:AuditOf', {
    patient: scene.patient.address,
    pageSize: 10,
  });
  expect(items.map(({ by, signer }) => ({ by, signer }))).toEqual([
    { by: { kind: 'practitioner', id: 'dr-b' }, signer: scene.doctor.address },
    { by: undefined, signer: scene.otherHospital.address },
  ]);
});

test('a certificate of a practitioner serves where they work, and of an unknown one nowhere', async () => {
  await scene.offer('c1', 'hospital-b', { purpose: ['TREAT'] }, ['e1']);
  const forged = await Promise.all([
    scene.bench.enrol('HospitalAMSP', 'dr', { attributes: { 'medigraph.practitioner': 'dr-b' } }),
    scene.bench.enrol('HospitalAMSP', 'dr', { attributes: { 'medigraph.practitioner': 'nobody' } }),
  ]);
  for (const who of forged) expect(await opens(who, 'hospital-a', 'TREAT', 'e1')).toBe('CALLER_FORBIDDEN');
  expect(await opens(forged[0], 'hospital-b', 'TREAT', 'e1')).toBe('CALLER_FORBIDDEN');
});

test('a consent may name a program: who signs for it and nobody else reads', async () => {
  const actor = { kind: 'application', id: 'diary' } as const;
  await scene.offer('c1', 'hospital-b', { purpose: ['TREAT'], actor }, ['e1']);
  const [diary, other] = await Promise.all([
    scene.bench.enrol('HospitalBMSP', 'app', { attributes: { 'medigraph.application': 'diary' } }),
    scene.bench.enrol('HospitalBMSP', 'app', { attributes: { 'medigraph.application': 'other' } }),
  ]);
  expect(await opens(diary, 'hospital-b', 'TREAT', 'e1')).toBe('c1');
  expect(await opens(other, 'hospital-b', 'TREAT', 'e1')).toBe('ENTRY_NOT_FOUND');
  expect(await opens(scene.doctor, 'hospital-b', 'TREAT', 'e1')).toBe('ENTRY_NOT_FOUND');
});

test.each<[string, string, care.Provision, RegExp]>([
  [
    'a practitioner of elsewhere',
    'hospital-a',
    { purpose: ['TREAT'], actor: { kind: 'practitioner', id: 'dr-b' } },
    /^CONSENT_TERMS_INVALID: provision.actor/,
  ],
  ['nobody', 'nowhere', { purpose: ['TREAT'] }, /^INSTITUTION_NOT_FOUND/],
  ['a person for payment', 'other', { purpose: ['HPAYMT'] }, /^CONSENT_TERMS_INVALID: provision.purpose/],
  ['the patient', 'self', { purpose: ['PATRQT'] }, /^CONSENT_TERMS_INVALID: grantee/],
  [
    'a custodian that is no regulator',
    'hospital-b',
    { purpose: ['BTG'], action: 'disclose' },
    /^CONSENT_TERMS_INVALID: provision.action/,
  ],
  [
    'a custodian for treatment',
    'regulator',
    { purpose: ['TREAT'], action: 'disclose' },
    /^CONSENT_TERMS_INVALID: provision.purpose/,
  ],
])('nothing is offered to %s', async (_whom, grantee, provision, message) => {
  const people: Record<string, string> = { self: scene.patient.address, other: scene.otherPatient.address };
  await expect(scene.offer('c1', people[grantee] ?? grantee, provision)).rejects.toThrow(message);
});

test('a person may be let read, and then reads as themself', async () => {
  const { address } = scene.otherPatient;
  await scene.offer('c1', address, { purpose: ['PATRQT'], data: ['e1'] }, ['e1']);
  const { result, transaction } = await scene.open(scene.otherPatient, undefined, 'PATRQT', 'e1');
  expect(result[0]?.key).toBe(wrappedFor(address));
  expect(
    await scene.evaluate(scene.otherPatient, 'Access:ReadBodies', {
      patient: scene.patient.address,
      entries: ['e1'],
      opening: transaction,
    }),
  ).toHaveLength(1);
  await expect(scene.open(scene.otherPatient, undefined, 'PATRQT', 'e2')).rejects.toThrow(/^ENTRY_NOT_FOUND/);
  await expect(scene.open(scene.otherPatient, undefined, 'TREAT', 'e1')).rejects.toThrow(/^ARGUMENT_INVALID/);
});

test('a standing refusal goes before every yes, as far as it reaches, until it is revoked', async () => {
  await scene.offer('c1', 'hospital-b', { purpose: ['TREAT', 'HPAYMT'] }, ['e1', 'e2']);
  const { event } = await scene.submit(scene.patient, 'Access:Refuse', {
    id: 'no',
    grantee: 'hospital-b',
    period: {},
    provision: { purpose: ['TREAT'], data: ['e1'] },
  });
  expect(event).toMatchObject({ name: 'ConsentDenied', payload: [{ status: 'active', decision: 'deny' }] });
  const { transaction } = await scene.open(scene.otherHospital, 'hospital-b', 'HPAYMT', 'e1');
  expect(await opens(scene.otherHospital, 'hospital-b', 'TREAT', 'e1')).toBe('ENTRY_NOT_FOUND');
  expect(await opens(scene.otherHospital, 'hospital-b', 'TREAT', 'e2')).toBe('c1');
  await scene.submit(scene.patient, 'Access:Refuse', {
    id: 'never',
    grantee: 'hospital-b',
    period: {},
    provision: { purpose: ['HPAYMT'] },
  });
  await expect(
    scene.evaluate(scene.otherHospital, 'Access:ReadBodies', {
      patient: scene.patient.address,
      entries: ['e1'],
      opening: transaction,
    }),
  ).rejects.toThrow(/^ENTRY_NOT_FOUND/);
  await scene.submit(scene.patient, 'Access:Revoke', { consent: 'no' });
  expect(await opens(scene.otherHospital, 'hospital-b', 'TREAT', 'e1')).toBe('c1');
});

test('requests that wait are bounded, one grantee and patient apart from the others', async () => {
  for (let n = 0; n < care.maxPendingRequests; n += 1) await scene.request(`r${n}`);
  await expect(scene.request('more')).rejects.toThrow(/^REQUESTS_PENDING: 10 requests of insurer-a wait/);
  await scene.request('of-another', { patient: scene.otherPatient.address });
  await scene.submit(scene.patient, 'Access:Deny', { consent: 'r0' });
  await scene.request('more');
});
