import { beforeEach, expect, test } from '@jest/globals';
import { CareScene, encryptionKey } from './testing/care-scene.js';

let scene: CareScene;
beforeEach(async () => {
  scene = await CareScene.open();
});

const institution = (id: string) => ({ id, kind: 'hospital' as const, name: 'General', encryptionKey });

test('institutions belong to the organisation that registers them', async () => {
  const { result, event } = await scene.submit(scene.hospital, 'Registration:RegisterInstitutions', {
    institutions: [institution('h1'), institution('h2')],
  });
  expect(result.map(({ id, mspId }) => [id, mspId])).toEqual([
    ['h1', 'HospitalAMSP'],
    ['h2', 'HospitalAMSP'],
  ]);
  expect(event).toEqual({ name: 'InstitutionRegistered', payload: result });
  expect(await scene.evaluate(scene.stranger, 'Registration:Resolve', { institution: 'h2' })).toEqual(
    result[1],
  );
});

test('an institution is registered once, whoever tries', async () => {
  await expect(
    scene.submit(scene.otherHospital, 'Registration:RegisterInstitutions', {
      institutions: [institution('hospital-a')],
    }),
  ).rejects.toThrow(/^INSTITUTION_EXISTS: institution hospital-a/);
  await expect(
    scene.submit(scene.hospital, 'Registration:RegisterInstitutions', {
      institutions: [institution('h1'), institution('h1')],
    }),
  ).rejects.toThrow('ARGUMENT_INVALID: institutions.1.id: h1 appears twice');
});

test('an institution cannot take a patient’s address for its id', async () => {
  await expect(
    scene.submit(scene.hospital, 'Registration:RegisterInstitutions', {
      institutions: [institution(scene.patient.address)],
    }),
  ).rejects.toThrow('ARGUMENT_INVALID: institutions.0.id: must not look like a chain address');
});

test('an organisation registers institutions or patients, never both', async () => {
  for (const who of [scene.patient, scene.stranger])
    await expect(
      scene.submit(who, 'Registration:RegisterInstitutions', { institutions: [institution('h1')] }),
    ).rejects.toThrow('CALLER_FORBIDDEN: PatientsMSP registers patients and therefore no institutions');
  await expect(
    scene.submit(scene.hospital, 'Registration:RegisterPatient', {
      patientIdHash: '3'.repeat(64),
      encryptionKey,
    }),
  ).rejects.toThrow('CALLER_FORBIDDEN: HospitalAMSP registers institutions and therefore no patients');
});

test('practitioners are registered by the organisation of their institution, once', async () => {
  const practitioners = [{ id: 'dr-1', institution: 'hospital-a', name: 'Dr. Who' }];
  const { result, event } = await scene.submit(scene.hospital, 'Registration:RegisterPractitioners', {
    practitioners,
  });
  expect(event).toEqual({ name: 'PractitionerRegistered', payload: result });
  await expect(
    scene.submit(scene.hospital, 'Registration:RegisterPractitioners', { practitioners }),
  ).rejects.toThrow(/^PRACTITIONER_EXISTS/);
  await expect(
    scene.submit(scene.otherHospital, 'Registration:RegisterPractitioners', { practitioners }),
  ).rejects.toThrow(/^CALLER_FORBIDDEN: institution hospital-a does not belong to HospitalBMSP/);
  await expect(
    scene.submit(scene.hospital, 'Registration:RegisterPractitioners', {
      practitioners: [{ id: 'dr-2', institution: 'nowhere', name: 'X' }],
    }),
  ).rejects.toThrow(/^INSTITUTION_NOT_FOUND/);
});

test('a patient is registered under the address of the key that signs, once', async () => {
  const patientIdHash = '3'.repeat(64);
  const { result, event } = await scene.submit(scene.stranger, 'Registration:RegisterPatient', {
    patientIdHash,
    encryptionKey,
  });
  expect(result).toMatchObject({ address: scene.stranger.address, mspId: 'PatientsMSP', status: 'active' });
  expect(event).toEqual({ name: 'PatientRegistered', payload: [result] });
  for (const asked of [{ patient: scene.stranger.address }, { patientIdHash }])
    expect(await scene.evaluate(scene.insurer, 'Registration:Resolve', asked)).toEqual(result);

  await expect(
    scene.submit(scene.stranger, 'Registration:RegisterPatient', {
      patientIdHash: '4'.repeat(64),
      encryptionKey,
    }),
  ).rejects.toThrow('PATIENT_EXISTS: a patient is registered with this key');
  const again = await scene.bench.enrol('PatientsMSP', 'other key');
  await expect(
    scene.submit(again, 'Registration:RegisterPatient', { patientIdHash, encryptionKey }),
  ).rejects.toThrow('PATIENT_EXISTS: a patient is registered with this patient id');
});

test('what cannot be resolved is not found', async () => {
  const resolve = (asked: { patient: string } | { patientIdHash: string } | { institution: string }) =>
    scene.evaluate(scene.insurer, 'Registration:Resolve', asked);
  await expect(resolve({ patient: scene.stranger.address })).rejects.toThrow(/^PATIENT_NOT_FOUND/);
  await expect(resolve({ patientIdHash: '9'.repeat(64) })).rejects.toThrow(/^PATIENT_NOT_FOUND/);
  await expect(resolve({ institution: 'nowhere' })).rejects.toThrow(/^INSTITUTION_NOT_FOUND/);
});

test.each([
  ['{', 'the argument is not JSON'],
  ['[]', 'must have exactly one of patient, patientIdHash and institution'],
  ['{}', 'must have exactly one of patient, patientIdHash and institution'],
  ['{"patient":"x","institution":"y"}', 'must have exactly one of patient, patientIdHash and institution'],
  ['{"patient":"x"}', 'patient: must be a chain address: 40 lower-case hex digits'],
])('Resolve refuses %s', async (argument, message) => {
  await expect(scene.bench.evaluate(scene.patient, 'Registration:Resolve', argument)).rejects.toThrow(
    `ARGUMENT_INVALID: ${message}`,
  );
});

test('a transaction takes one argument, and must exist', async () => {
  const { bench, patient } = scene;
  await expect(bench.evaluate(patient, 'Registration:Resolve')).rejects.toThrow(
    'ARGUMENT_INVALID: a transaction takes one JSON argument, and 0 were given',
  );
  await expect(bench.evaluate(patient, 'Registration:Resolve', {}, {})).rejects.toThrow(
    'ARGUMENT_INVALID: a transaction takes one JSON argument, and 2 were given',
  );
  await expect(bench.evaluate(patient, 'Registration:Rename', {})).rejects.toThrow(
    'ARGUMENT_INVALID: contract Registration has no transaction Registration:Rename',
  );
  await expect(bench.evaluate(patient, 'Nothing:Rename', {})).rejects.toThrow('Nothing');
});

test('a person registers no institution, even as the first of an organisation', async () => {
  const person = await scene.bench.enrol('NewMSP');
  await expect(
    scene.submit(person, 'Registration:RegisterInstitutions', {
      institutions: [{ id: 'mine', kind: 'hospital', name: 'Mine', encryptionKey }],
    }),
  ).rejects.toThrow('CALLER_FORBIDDEN: a person registers no institutions');
  await scene.submit(person, 'Registration:RegisterPatient', {
    patientIdHash: '8'.repeat(64),
    encryptionKey,
  });
});
