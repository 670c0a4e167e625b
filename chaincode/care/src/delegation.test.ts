import { beforeEach, expect, test } from '@jest/globals';
import { type care } from '@medigraph/schema';
import { CareScene, wrappedFor } from './testing/care-scene.js';

let scene: CareScene;
beforeEach(async () => {
  scene = await CareScene.open();
  await scene.record(scene.clinical('e1'), scene.clinical('e2'));
});

const delegate = (
  who = scene.patient,
  changes: { acts?: care.Delegation['acts']; period?: care.Consent['period']; patient?: string } = {},
) =>
  scene.submit(who, 'Access:Delegate', {
    id: 'd1',
    grantee: scene.otherPatient.address,
    period: changes.period ?? {},
    provision: { purpose: ['PATRQT'], data: ['e1'] },
    delegation: { relationship: 'GUARD', acts: changes.acts ?? ['decide', 'authorize'] },
    keys: changes.patient === undefined ? [{ entry: 'e1', key: wrappedFor(scene.otherPatient.address) }] : [],
    ...(changes.patient !== undefined && { patient: changes.patient }),
  });
const decide = (onBehalfOf?: string) =>
  scene.submit(scene.otherPatient, 'Access:Grant', {
    consent: 'c1',
    keys: [{ entry: 'e1', key: wrappedFor('insurer-a') }],
    ...(onBehalfOf !== undefined && { onBehalfOf }),
  });

test('a delegate reads what the patient let them, and decides in the patient’s name; the ledger names both', async () => {
  await delegate();
  await scene.open(scene.otherPatient, undefined, 'PATRQT', 'e1');
  await expect(scene.open(scene.otherPatient, undefined, 'PATRQT', 'e2')).rejects.toThrow(/^ENTRY_NOT_FOUND/);
  await scene.request('c1');
  await expect(decide()).rejects.toThrow(/^CONSENT_NOT_FOUND/);
  const { result } = await decide(scene.patient.address);
  expect(result).toMatchObject({ patient: scene.patient.address, grantor: scene.otherPatient.address });
  await scene.openAsInsurer('e1');
  const { items } = await scene.evaluate(scene.otherPatient, 'Access:AuditOf', {
    patient: scene.patient.address,
    pageSize: 10,
  });
  expect(items.map(({ actor }) => actor)).toEqual([scene.otherPatient.address, 'insurer-a']);
});

test('a delegate authorises entries and storage in the patient’s name', async () => {
  await delegate();
  await scene.propose(scene.clinical('e3'));
  const authorize = (onBehalfOf?: string) =>
    scene.submit(scene.otherPatient, 'Records:AuthorizeEntries', {
      entries: ['e3'],
      ...(onBehalfOf !== undefined && { onBehalfOf }),
    });
  await expect(authorize()).rejects.toThrow(/^ENTRY_NOT_FOUND/);
  expect((await authorize(scene.patient.address)).result[0]?.status).toBe('final');
  const { result } = await scene.submit(scene.otherPatient, 'Records:AuthorizeStorage', {
    institutions: ['hospital-b'],
    active: true,
    onBehalfOf: scene.patient.address,
  });
  expect(result[0]?.patient).toBe(scene.patient.address);
});

test('a delegate does what was delegated and nothing else', async () => {
  await delegate(scene.patient, { acts: ['authorize'] });
  await scene.request('c1');
  await expect(decide(scene.patient.address)).rejects.toThrow(/^CALLER_FORBIDDEN: you may not decide/);
  expect(
    await scene.evaluate(scene.otherPatient, 'Access:AuditOf', {
      patient: scene.patient.address,
      pageSize: 10,
    }),
  ).toEqual({ items: [] });
});

test('nobody acts for someone who did not let them', async () => {
  await scene.request('c1');
  await expect(decide(scene.patient.address)).rejects.toThrow(/^CALLER_FORBIDDEN/);
  await expect(decide('0'.repeat(40))).rejects.toThrow(/^CALLER_FORBIDDEN/);
});

test('delegates neither grant to themselves nor decide about delegations', async () => {
  await delegate();
  const { address } = scene.otherPatient;
  const onBehalfOf = scene.patient.address;
  await expect(
    scene.offer('c2', address, { purpose: ['PATRQT'] }, [], { onBehalfOf }, scene.otherPatient),
  ).rejects.toThrow(/^CALLER_FORBIDDEN: a delegate grants nothing to themself/);
  await expect(
    scene.submit(scene.otherPatient, 'Access:Revoke', { consent: 'd1', onBehalfOf }),
  ).rejects.toThrow(/^CALLER_FORBIDDEN: delegates do not decide/);
});

test('a delegation ends with its period, and with its revocation', async () => {
  const end = new Date(scene.bench.now.getTime() + 60_000).toISOString();
  await delegate(scene.patient, { period: { end } });
  await scene.request('c1');
  await scene.open(scene.otherPatient, undefined, 'PATRQT', 'e1');
  scene.bench.advance(60_000);
  await expect(scene.open(scene.otherPatient, undefined, 'PATRQT', 'e1')).rejects.toThrow(/^ENTRY_NOT_FOUND/);
  await expect(decide(scene.patient.address)).rejects.toThrow(/^CALLER_FORBIDDEN/);
});

test('the organisation that enrolled a patient appoints a guardian, and ends that; no other organisation does', async () => {
  const patient = scene.patient.address;
  for (const who of [scene.hospital, scene.insurer])
    await expect(delegate(who, { patient })).rejects.toThrow(/^CALLER_FORBIDDEN: .* did not enrol/);
  await expect(delegate(scene.otherPatient, { patient })).rejects.toThrow(/^CALLER_FORBIDDEN/);
  const { result } = await delegate(scene.stranger, { patient });
  expect(result).toMatchObject({ patient, grantor: 'PatientsMSP' });
  await scene.request('c1');
  expect((await decide(patient)).result.status).toBe('active');
  await scene.submit(scene.stranger, 'Access:Revoke', { consent: 'd1' });
  await expect(scene.submit(scene.stranger, 'Access:Revoke', { consent: 'c1' })).rejects.toThrow(
    /^CALLER_FORBIDDEN/,
  );
});

test('the organisation that appointed a delegate brings them keys, and no other organisation does', async () => {
  await delegate(scene.stranger, { patient: scene.patient.address });
  const addKeys = (who: CareScene['patient'], entry: string) =>
    scene.submit(who, 'Access:AddKeys', {
      consent: 'd1',
      keys: [{ entry, key: wrappedFor(scene.otherPatient.address) }],
    });
  for (const who of [scene.hospital, scene.insurer, scene.otherPatient])
    await expect(addKeys(who, 'e1')).rejects.toThrow(/^(CALLER_FORBIDDEN|CONSENT_NOT_FOUND)/);
  await expect(scene.open(scene.otherPatient, undefined, 'PATRQT', 'e1')).rejects.toThrow(/^ENTRY_NOT_FOUND/);
  await expect(addKeys(scene.stranger, 'e2')).rejects.toThrow(/^CONSENT_NOT_COVERING/);
  await addKeys(scene.stranger, 'e1');
  expect((await scene.open(scene.otherPatient, undefined, 'PATRQT', 'e1')).result[0]?.consent).toBe('d1');
  await scene.submit(scene.patient, 'Access:Revoke', { consent: 'd1' });
  await expect(addKeys(scene.stranger, 'e1')).rejects.toThrow(/^CONSENT_STATE_INVALID/);
});

test('who may authorise in the patient’s name sees what waits for it, and opens nothing of it before', async () => {
  await delegate(scene.patient, { acts: ['authorize'] });
  await scene.propose(scene.clinical('e1b'), scene.clinical('e3'));
  const seenBy = async (who: CareScene['patient']) =>
    (
      await scene.evaluate(who, 'Records:EntriesOf', { patient: scene.patient.address, pageSize: 10 })
    ).items.map(({ id }) => id);
  // The delegation is over e1 alone.
  expect(await seenBy(scene.otherPatient)).toEqual(['e1']);
  await scene.submit(scene.patient, 'Access:Delegate', {
    id: 'd2',
    grantee: scene.otherPatient.address,
    period: {},
    provision: { purpose: ['PATRQT'], data: ['e3'] },
    delegation: { relationship: 'GUARD', acts: ['authorize'] },
    keys: [],
  });
  expect(await seenBy(scene.otherPatient)).toEqual(['e1', 'e3']);
  await expect(scene.open(scene.otherPatient, undefined, 'PATRQT', 'e3')).rejects.toThrow(/^ENTRY_NOT_FOUND/);
});
