import { beforeEach, expect, test } from '@jest/globals';
import { type BenchIdentity } from '@medigraph/chaincode-lib/testing';
import { generateKeyPairSync } from 'node:crypto';
import { CareScene, encryptionKey, rotationOf, sealed } from './testing/care-scene.js';

let scene: CareScene;
let next: BenchIdentity;
beforeEach(async () => {
  scene = await CareScene.open();
  next = await scene.bench.enrol('PatientsMSP');
});

const rotate = async (from: BenchIdentity, to: BenchIdentity) =>
  scene.submit(from, 'Registration:RotateKey', await rotationOf(from, to, scene.patient.address));
const authorize = (who: BenchIdentity) =>
  scene.submit(who, 'Records:AuthorizeStorage', { institutions: ['hospital-a'], active: true });
const forbidden = /^CALLER_FORBIDDEN/;

test('a key that follows another acts for the same address, and the old one for nobody', async () => {
  await scene.record(scene.clinical('e1'));
  const { result, event } = await rotate(scene.patient, next);
  const { address } = scene.patient;
  expect(result).toMatchObject({ address, signer: next.address, encryptionKey: { kid: 'k2' } });
  expect(event).toEqual({ name: 'KeyRotated', payload: [result] });
  expect(await scene.evaluate(scene.insurer, 'Registration:Resolve', { patient: address })).toEqual(result);

  const own = { patient: address, entries: ['e1'], purpose: 'PATRQT' as const };
  await authorize(next);
  await scene.submit(next, 'Records:AddPersonalEntries', { entries: [sealed('p1', [address])] });
  await scene.submit(next, 'Access:OpenEntries', own);
  await expect(authorize(scene.patient)).rejects.toThrow(forbidden);
  await expect(scene.submit(scene.patient, 'Access:OpenEntries', own)).rejects.toThrow(/^ENTRY_NOT_FOUND/);
  await expect(rotate(scene.patient, await scene.bench.enrol('PatientsMSP'))).rejects.toThrow(forbidden);
});

test('a rotated-out key reads nothing with an opening that it made before', async () => {
  await scene.record(scene.clinical('e1'));
  const patient = scene.patient.address;
  const { transaction: opening } = await scene.submit(scene.patient, 'Access:OpenEntries', {
    patient,
    entries: ['e1'],
    purpose: 'PATRQT',
  });
  await rotate(scene.patient, next);
  await expect(
    scene.evaluate(scene.patient, 'Access:ReadBodies', { patient, entries: ['e1'], opening }),
  ).rejects.toThrow(/^(ENTRY_NOT_FOUND|OPENING_NOT_FOUND)/);
});

test('keys follow each other one after another, and none comes back', async () => {
  const third = await scene.bench.enrol('PatientsMSP');
  await rotate(scene.patient, next);
  await rotate(next, third);
  await authorize(third);
  await expect(authorize(next)).rejects.toThrow(forbidden);
  for (const old of [scene.patient, next]) {
    await expect(rotate(third, old)).rejects.toThrow(/^PATIENT_EXISTS/);
    await expect(
      scene.submit(old, 'Registration:RegisterPatient', { patientIdHash: '7'.repeat(64), encryptionKey }),
    ).rejects.toThrow(/^PATIENT_EXISTS/);
  }
});

test('nobody brings in a key that they do not have, nor one of another patient', async () => {
  const honest = await rotationOf(scene.patient, next);
  const refused = async (argument: typeof honest, message: RegExp) =>
    expect(scene.submit(scene.patient, 'Registration:RotateKey', argument)).rejects.toThrow(message);
  const proofOf = async (...parts: Parameters<typeof rotationOf>) => (await rotationOf(...parts)).proof;

  // Signed by the old key, about another patient, about another key that goes, and for other keys.
  await refused({ ...honest, proof: await proofOf(scene.patient, scene.patient) }, /^KEY_PROOF_INVALID/);
  await refused(
    { ...honest, proof: await proofOf(scene.patient, next, scene.otherPatient.address) },
    /^KEY_PROOF_INVALID/,
  );
  await refused(
    { ...honest, proof: await proofOf(scene.otherPatient, next, scene.patient.address) },
    /^KEY_PROOF_INVALID/,
  );
  await refused({ ...honest, encryptionKey }, /^KEY_PROOF_INVALID/);
  await refused(await rotationOf(scene.patient, scene.otherPatient), /^PATIENT_EXISTS/);

  const p384 = generateKeyPairSync('ec', { namedCurve: 'P-384' }).publicKey;
  const signingKey = p384.export({ format: 'der', type: 'spki' }).toString('base64');
  await refused({ ...honest, signingKey }, /^ARGUMENT_INVALID: signingKey/);
  await refused({ ...honest, signingKey: 'A'.repeat(124) }, /^ARGUMENT_INVALID: signingKey/);
});

test('a key of another organisation acts for nobody', async () => {
  const foreign = await scene.bench.enrol('HospitalAMSP');
  await rotate(scene.patient, foreign);
  await expect(authorize(foreign)).rejects.toThrow(forbidden);
});

test('of two rotations at once one wins, and the key that lost is nobody’s', async () => {
  const other = await scene.bench.enrol('PatientsMSP');
  const [first, second] = await Promise.all(
    [next, other].map(async (to) =>
      scene.endorse(scene.patient, 'Registration:RotateKey', await rotationOf(scene.patient, to)),
    ),
  );
  if (!first || !second) throw new Error('two were endorsed');
  expect(scene.bench.commit(first, second)).toEqual(['VALID', 'MVCC_READ_CONFLICT']);
  await authorize(next);
  await expect(authorize(other)).rejects.toThrow(forbidden);
});

test('a patient who is deactivated acts no more, and nobody reads under their consents', async () => {
  await scene.record(scene.clinical('e1'));
  await scene.request('c1');
  await scene.grant('c1', 'e1');
  const { transaction: opening } = await scene.openAsInsurer('e1');
  const { result, event } = await scene.submit(scene.patient, 'Registration:Deactivate', {});
  expect(result.status).toBe('inactive');
  expect(event).toEqual({ name: 'PatientDeactivated', payload: [result] });

  await expect(authorize(scene.patient)).rejects.toThrow(forbidden);
  await expect(rotate(scene.patient, next)).rejects.toThrow(forbidden);
  await expect(scene.openAsInsurer('e1')).rejects.toThrow(/^ENTRY_NOT_FOUND/);
  const patient = scene.patient.address;
  await expect(
    scene.evaluate(scene.insurer, 'Access:ReadBodies', { patient, entries: ['e1'], opening }),
  ).rejects.toThrow(/^(ENTRY_NOT_FOUND|OPENING_NOT_FOUND)/);
  await expect(scene.propose(scene.clinical('e2'))).rejects.toThrow(/^PATIENT_NOT_FOUND/);
  await expect(scene.submit(scene.patient, 'Registration:Deactivate', {})).rejects.toThrow(forbidden);
});

test('the organisation that enrolled a patient may deactivate them, and no other', async () => {
  const { address: patient } = scene.otherPatient;
  const registrar = await scene.bench.enrol('PatientsMSP', 'registrar');
  for (const who of [scene.patient, next, scene.hospital])
    await expect(scene.submit(who, 'Registration:Deactivate', { patient })).rejects.toThrow(forbidden);
  await scene.submit(registrar, 'Registration:Deactivate', { patient });
  await expect(scene.submit(registrar, 'Registration:Deactivate', { patient })).rejects.toThrow(
    /^PATIENT_NOT_FOUND/,
  );
  await expect(scene.submit(registrar, 'Registration:Deactivate', {})).rejects.toThrow(forbidden);
});
