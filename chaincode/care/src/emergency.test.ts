import { beforeEach, expect, test } from '@jest/globals';
import { care } from '@medigraph/schema';
import { CareScene, wrappedFor } from './testing/care-scene.js';

let scene: CareScene;
beforeEach(async () => {
  scene = await CareScene.open();
  await scene.record(scene.clinical('e1'), scene.clinical('e2'));
});

const disclose = (who = scene.regulator, ...entries: string[]) =>
  scene.submit(who, 'Emergency:DiscloseKeys', {
    emergency: 'g1',
    keys: entries.map((entry) => ({ entry, key: wrappedFor('hospital-b') })),
  });
const review = (who: CareScene['doctor'], institution: string) =>
  scene.submit(who, 'Emergency:Review', {
    emergency: 'g1',
    institution,
    outcome: 'justified',
    comment: 'as described',
  });

test('whoever lets nobody disclose keys has no glass to break', async () => {
  await scene.offer('c1', 'regulator', { purpose: ['PUBHLTH'] }, ['e1']);
  await expect(scene.breakGlass('g1')).rejects.toThrow(/^EMERGENCY_NOT_PERMITTED/);
});

test('the custodian keeps keys and reads nothing with them', async () => {
  await scene.letDisclose('escrow', 'e1');
  for (const purpose of ['BTG', 'ETREAT', 'PUBHLTH'] as const)
    await expect(scene.open(scene.regulator, 'regulator', purpose, 'e1')).rejects.toThrow(/^ENTRY_NOT_FOUND/);
});

test('a doctor breaks the glass, the custodian discloses, the doctor reads, and all of it is told and marked', async () => {
  await scene.letDisclose('escrow', 'e1', 'e2');
  const { result, event } = await scene.breakGlass('g1');
  expect(event).toEqual({ name: 'GlassBroken', payload: [result] });
  expect(result).toMatchObject({
    by: { kind: 'practitioner', id: 'dr-b' },
    custodian: 'regulator',
    reason: 'found unconscious',
    consent: { basis: 'escrow', grantee: 'hospital-b', provision: { purpose: ['ETREAT'] } },
  });
  const kept = await scene.evaluate(scene.regulator, 'Emergency:KeysToDisclose', {
    emergency: 'g1',
    pageSize: 10,
  });
  expect(kept.items).toEqual(['e1', 'e2'].map((entry) => ({ entry, key: wrappedFor('regulator') })));
  await expect(scene.open(scene.doctor, 'hospital-b', 'ETREAT', 'e1')).rejects.toThrow(/^ENTRY_NOT_FOUND/);
  const disclosed = await disclose(scene.regulator, 'e1');
  expect(disclosed.event).toMatchObject({ name: 'KeysDisclosed', payload: [{ entries: ['e1'] }] });
  const opened = await scene.open(scene.doctor, 'hospital-b', 'ETREAT', 'e1');
  expect(opened.result[0]).toMatchObject({ consent: 'g1', key: wrappedFor('hospital-b') });
  expect(opened.event).toMatchObject({ payload: [{ purpose: 'ETREAT', by: { id: 'dr-b' } }] });
  // Not a colleague, not for another purpose, not what was not disclosed.
  await expect(scene.open(scene.otherHospital, 'hospital-b', 'ETREAT', 'e1')).rejects.toThrow(/^ENTRY_NOT/);
  await expect(scene.open(scene.doctor, 'hospital-b', 'TREAT', 'e1')).rejects.toThrow(/^ENTRY_NOT/);
  await expect(scene.open(scene.doctor, 'hospital-b', 'ETREAT', 'e2')).rejects.toThrow(/^ENTRY_NOT/);
});

test('the glass closes by itself, at the patient’s word, and for what they refuse', async () => {
  await scene.letDisclose('escrow', 'e1', 'e2');
  await scene.breakGlass('g1', scene.doctor, { minutes: 1 });
  await disclose(scene.regulator, 'e1');
  scene.bench.advance(60_000);
  await expect(scene.open(scene.doctor, 'hospital-b', 'ETREAT', 'e1')).rejects.toThrow(/^ENTRY_NOT/);
  await expect(disclose(scene.regulator, 'e2')).rejects.toThrow(/^EMERGENCY_STATE_INVALID/);
  await scene.breakGlass('g2');
  await scene.submit(scene.patient, 'Access:Revoke', { consent: 'g2' });
  await expect(
    scene.evaluate(scene.regulator, 'Emergency:KeysToDisclose', { emergency: 'g2', pageSize: 1 }),
  ).rejects.toThrow(/^EMERGENCY_STATE_INVALID/);
  await scene.submit(scene.patient, 'Access:Refuse', {
    id: 'no',
    grantee: 'hospital-b',
    period: {},
    provision: { purpose: ['ETREAT', 'BTG'] },
  });
  await expect(scene.breakGlass('g3')).rejects.toThrow(/^EMERGENCY_NOT_PERMITTED/);
  await scene.breakGlass('g4', scene.hospital, { institution: 'hospital-a' });
});

test.each([
  [{ minutes: 241 }, /^ARGUMENT_INVALID: minutes/],
  [{ minutes: 0 }, /^ARGUMENT_INVALID: minutes/],
  [{ reason: 'quick' }, /^ARGUMENT_INVALID: reason/],
  [{ id: 'escrow' }, /^CONSENT_EXISTS/],
  [{ patient: '0'.repeat(40) }, /^PATIENT_NOT_FOUND/],
  [{ institution: 'hospital-a' }, /^CALLER_FORBIDDEN/],
])('the glass is not broken with %j', async (changes, message) => {
  await scene.letDisclose('escrow', 'e1');
  await expect(scene.breakGlass('g1', scene.doctor, changes)).rejects.toThrow(message);
});

test('only a hospital breaks the glass, and a person of it rather than a program', async () => {
  await scene.letDisclose('escrow', 'e1');
  await expect(scene.breakGlass('g1', scene.insurer, { institution: 'insurer-a' })).rejects.toThrow(
    /^CALLER_FORBIDDEN: .* is no hospital/,
  );
  const program = await scene.bench.enrol('HospitalBMSP', 'app', {
    attributes: { 'medigraph.application': 'diary' },
  });
  await expect(scene.breakGlass('g1', program)).rejects.toThrow(/^CALLER_FORBIDDEN: a program/);
});

test('keys are disclosed by the custodian alone', async () => {
  await scene.letDisclose('escrow', 'e1');
  await scene.breakGlass('g1');
  for (const who of [scene.doctor, scene.otherHospital, scene.hospital, scene.insurer, scene.otherPatient]) {
    await expect(disclose(who, 'e1')).rejects.toThrow(/^EMERGENCY_NOT_FOUND/);
    await expect(
      scene.evaluate(who, 'Emergency:KeysToDisclose', { emergency: 'g1', pageSize: 1 }),
    ).rejects.toThrow(/^EMERGENCY_NOT_FOUND/);
  }
});

test('it is reviewed once, by another than who did it; until then it is listed', async () => {
  await scene.letDisclose('escrow', 'e1');
  await scene.breakGlass('g1');
  const unreviewed = async (who: CareScene['doctor'], institution: string) =>
    (await scene.evaluate(who, 'Emergency:Unreviewed', { institution, pageSize: 10 })).items.map(
      ({ id }) => id,
    );
  expect(await unreviewed(scene.regulator, 'regulator')).toEqual(['g1']);
  expect(await unreviewed(scene.otherHospital, 'hospital-b')).toEqual(['g1']);
  expect(await unreviewed(scene.hospital, 'hospital-a')).toEqual([]);
  await expect(review(scene.doctor, 'hospital-b')).rejects.toThrow(/^CALLER_FORBIDDEN: nobody reviews/);
  const renewed = await scene.bench.enrol('HospitalBMSP', 'dr-b', {
    attributes: { 'medigraph.practitioner': 'dr-b' },
  });
  await expect(review(renewed, 'hospital-b')).rejects.toThrow(/^CALLER_FORBIDDEN: nobody reviews/);
  for (const [who, institution] of [
    [scene.hospital, 'hospital-a'],
    [scene.insurer, 'insurer-a'],
  ] as const)
    await expect(review(who, institution)).rejects.toThrow(/^EMERGENCY_NOT_FOUND/);
  const { result, event } = await review(scene.otherHospital, 'hospital-b');
  expect(event).toEqual({ name: 'GlassReviewed', payload: [result] });
  expect(result.review).toMatchObject({ outcome: 'justified', signer: scene.otherHospital.address });
  await expect(review(scene.regulator, 'regulator')).rejects.toThrow(/^EMERGENCY_STATE_INVALID/);
  expect(await unreviewed(scene.regulator, 'regulator')).toEqual([]);
});

const setPolicy = (who: CareScene['patient'], maxMinutes: number, reviewHours = 24) =>
  scene.submit(who, 'Emergency:SetPolicy', { institution: 'regulator', maxMinutes, reviewHours });

test('a regulator sets how long the glass stays broken, and by when that is reviewed', async () => {
  expect(await scene.evaluate(scene.patient, 'Emergency:ReadPolicy', {})).toEqual(
    care.defaultEmergencyPolicy,
  );
  const { event } = await setPolicy(scene.regulator, 30);
  expect(event?.name).toBe('EmergencyPolicySet');
  expect(await scene.evaluate(scene.doctor, 'Emergency:ReadPolicy', {})).toMatchObject({
    maxMinutes: 30,
    reviewHours: 24,
    setBy: 'regulator',
  });
  await scene.letDisclose('basis', 'e1');
  await expect(scene.breakGlass('g1', scene.doctor, { minutes: 31 })).rejects.toThrow(
    /^ARGUMENT_INVALID: minutes: must be at most 30/,
  );
  const { result } = await scene.breakGlass('g1', scene.doctor, { minutes: undefined });
  const since = (instant: string): number => Date.parse(instant) - Date.parse(result.grantedAt);
  expect(since(result.expiresAt)).toBe(30 * 60_000);
  expect(since(result.reviewDueAt)).toBe(24 * 3_600_000);
});

test('what was broken before a policy was set stays as long as it was to', async () => {
  await scene.letDisclose('basis', 'e1');
  const { result } = await scene.breakGlass('g1', scene.doctor, { minutes: 240 });
  await setPolicy(scene.regulator, 1);
  expect(await scene.evaluate(scene.patient, 'Emergency:Read', { emergency: 'g1' })).toMatchObject({
    expiresAt: result.expiresAt,
  });
});

test.each([[0], [1441], [1.5], [Infinity]])('a policy of %s minutes is refused', async (minutes) => {
  await expect(setPolicy(scene.regulator, minutes)).rejects.toThrow(/^ARGUMENT_INVALID: maxMinutes/);
});

test('nobody else sets it, nor a regulator for another institution', async () => {
  for (const who of [scene.doctor, scene.otherHospital, scene.insurer, scene.patient])
    await expect(setPolicy(who, 60)).rejects.toThrow(/^CALLER_FORBIDDEN/);
  const own = { institution: 'hospital-b', maxMinutes: 60, reviewHours: 1 };
  await expect(scene.submit(scene.otherHospital, 'Emergency:SetPolicy', own)).rejects.toThrow(
    /^CALLER_FORBIDDEN: institution hospital-b is no regulator/,
  );
});
