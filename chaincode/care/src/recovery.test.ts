import { beforeEach, describe, expect, test } from '@jest/globals';
import { type BenchIdentity } from '@medigraph/chaincode-lib/testing';
import { CareScene, encryptionKey, wrappedFor } from './testing/care-scene.js';

const day = 86_400;
const found = { ...encryptionKey, kid: 'found' };
const forbidden = /^CALLER_FORBIDDEN/;
const notFound = /^RECOVERY_NOT_FOUND/;
const wrongState = /^RECOVERY_STATE_INVALID/;

let scene: CareScene;
let next: BenchIdentity;
let patient: string;
beforeEach(async () => {
  scene = await CareScene.open();
  next = await scene.bench.enrol('PatientsMSP');
  patient = scene.patient.address;
  await name(['hospital-a', 'insurer-a', scene.otherPatient.address], 2);
});

const name = (guardians: string[], threshold: number) =>
  scene.submit(scene.patient, 'Recovery:NameGuardians', { guardians, threshold, waitingSeconds: 2 * day });
const request = (who = next) => scene.submit(who, 'Recovery:Request', { patient, encryptionKey: found });
const approve = (who: BenchIdentity, institution?: string) =>
  scene.submit(who, 'Recovery:Approve', { patient, signer: next.address, institution });
const complete = (who = next) => scene.submit(who, 'Recovery:Complete', { patient });
const authorize = (who: BenchIdentity) =>
  scene.submit(who, 'Records:AuthorizeStorage', { institutions: ['hospital-a'], active: true });

test('enough guardians and a time to object bring another key, under the same address', async () => {
  expect((await request()).event).toMatchObject({ name: 'RecoveryRequested' });
  expect((await approve(scene.hospital, 'hospital-a')).result.status).toBe('requested');
  const { result, event } = await approve(scene.otherPatient);
  expect(result).toMatchObject({
    status: 'approved',
    approvedBy: ['hospital-a', scene.otherPatient.address],
  });
  expect(event).toEqual({ name: 'RecoveryApproved', payload: [result] });

  scene.bench.advance((2 * day - 1) * 1000);
  await expect(complete()).rejects.toThrow(wrongState);
  await authorize(scene.patient);
  scene.bench.advance(1000);
  const completed = await complete();
  expect(completed.event).toEqual({ name: 'KeyRotated', payload: [completed.result] });
  expect(completed.result).toMatchObject({ address: patient, signer: next.address, encryptionKey: found });
  await authorize(next);
  await expect(authorize(scene.patient)).rejects.toThrow(forbidden);
  await expect(complete()).rejects.toThrow(wrongState);
});

test('the key there is cancels a recovery up to its last moment, and it stays cancelled', async () => {
  await request();
  await approve(scene.hospital, 'hospital-a');
  await approve(scene.otherPatient);
  scene.bench.advance(3 * day * 1000);
  await scene.submit(scene.patient, 'Recovery:Cancel', { signer: next.address });
  await expect(complete()).rejects.toThrow(wrongState);
  await expect(approve(scene.insurer, 'insurer-a')).rejects.toThrow(wrongState);
  await expect(request()).rejects.toThrow(wrongState);
  await expect(scene.submit(scene.patient, 'Recovery:Cancel', { signer: next.address })).rejects.toThrow(
    wrongState,
  );
});

test('no guardian counts twice, nor does anybody who is none', async () => {
  await request();
  await approve(scene.hospital, 'hospital-a');
  await expect(approve(scene.hospital, 'hospital-a')).rejects.toThrow(wrongState);
  await expect(approve(scene.otherHospital, 'hospital-a')).rejects.toThrow(forbidden);
  await expect(approve(scene.otherHospital, 'hospital-b')).rejects.toThrow(notFound);
  await expect(approve(scene.patient)).rejects.toThrow(notFound);
  await expect(approve(next)).rejects.toThrow(forbidden);
  await expect(complete()).rejects.toThrow(wrongState);
});

test('of two guardians who agree at once one has to do it again', async () => {
  await request();
  const [one, other] = await Promise.all([
    scene.endorse(scene.hospital, 'Recovery:Approve', {
      patient,
      signer: next.address,
      institution: 'hospital-a',
    }),
    scene.endorse(scene.otherPatient, 'Recovery:Approve', { patient, signer: next.address }),
  ]);
  expect(scene.bench.commit(one, other)).toEqual(['VALID', 'MVCC_READ_CONFLICT']);
  expect((await approve(scene.otherPatient)).result.status).toBe('approved');
});

test('naming other guardians ends what the former ones were asked for', async () => {
  await request();
  await approve(scene.hospital, 'hospital-a');
  await name(['insurer-a'], 1);
  await expect(approve(scene.insurer, 'insurer-a')).rejects.toThrow(wrongState);
});

test('only a new key of a person of the same organisation is asked for', async () => {
  for (const who of [scene.hospital, scene.stranger, await scene.bench.enrol('HospitalAMSP')])
    await expect(request(who)).rejects.toThrow(forbidden);
  await expect(request(await scene.bench.enrol('PatientsMSP', 'registrar'))).rejects.toThrow(forbidden);
  const other = await scene.bench.enrol('PatientsMSP');
  await scene.submit(other, 'Registration:RegisterPatient', { patientIdHash: '5'.repeat(64), encryptionKey });
  await expect(request(other)).rejects.toThrow(/^PATIENT_EXISTS/);
  const patientWithout = scene.otherPatient.address;
  await expect(
    scene.submit(next, 'Recovery:Request', { patient: patientWithout, encryptionKey }),
  ).rejects.toThrow(notFound);
});

test('a key that became somebody’s meanwhile does not become another’s', async () => {
  await request();
  await approve(scene.hospital, 'hospital-a');
  await approve(scene.otherPatient);
  await scene.submit(next, 'Registration:RegisterPatient', { patientIdHash: '6'.repeat(64), encryptionKey });
  scene.bench.advance(3 * day * 1000);
  await expect(complete()).rejects.toThrow(/^PATIENT_EXISTS/);
});

test('nothing is recovered of a patient who is deactivated', async () => {
  await request();
  await approve(scene.hospital, 'hospital-a');
  await approve(scene.otherPatient);
  await scene.submit(scene.patient, 'Registration:Deactivate', {});
  scene.bench.advance(3 * day * 1000);
  await expect(complete()).rejects.toThrow(/^PATIENT_NOT_FOUND/);
});

test('a recovery is seen by the patient, its key and the guardians', async () => {
  await request();
  const read = (who: BenchIdentity) =>
    scene.evaluate(who, 'Recovery:Read', { patient, signer: next.address });
  for (const who of [scene.patient, next, scene.otherPatient, scene.hospital, scene.insurer])
    expect(await read(who)).toMatchObject({ signer: next.address });
  for (const who of [scene.otherHospital, scene.otherInsurer, scene.stranger])
    await expect(read(who)).rejects.toThrow(notFound);
});

test.each([
  ['more than there are', ['hospital-a'], 2, /^ARGUMENT_INVALID: threshold/],
  ['one twice', ['hospital-a', 'hospital-a'], 1, /^ARGUMENT_INVALID: guardians.1/],
  ['nobody', ['nowhere'], 1, /^PATIENT_NOT_FOUND/],
] as const)('%s cannot be guardians', async (_what, guardians, threshold, message) => {
  await expect(name([...guardians], threshold)).rejects.toThrow(message);
  await expect(name([patient], 1)).rejects.toThrow(/^ARGUMENT_INVALID: guardians/);
});

describe('shares of the decryption keys', () => {
  const keys = 'e30..aXY.Y2lwaGVydGV4dA.dGFn';
  const guardiansOf = () => ['hospital-a', 'insurer-a', scene.otherPatient.address];
  const shareFor = (guardian: string) => ({ share: wrappedFor(guardian), sha256: '5'.repeat(64) });
  const escrowFor = (holders: string[]) => ({
    keys,
    shares: Object.fromEntries(holders.map((id) => [id, shareFor(id)])),
  });
  const nameWith = (holders: string[], threshold = 2) =>
    scene.submit(scene.patient, 'Recovery:NameGuardians', {
      guardians: guardiansOf(),
      threshold,
      waitingSeconds: 2 * day,
      escrow: escrowFor(holders),
    });
  const share = wrappedFor('the key that followed');
  const rewrap = (who: BenchIdentity, institution: string | undefined, sha256 = '5'.repeat(64)) =>
    scene.submit(who, 'Recovery:RewrapShares', {
      institution,
      shares: [{ patient, share, sha256 }],
      left: 0,
    });

  test('a guardian whose encryption key is another wraps their own share anew, and no other', async () => {
    await nameWith(guardiansOf());
    const { event } = await rewrap(scene.hospital, 'hospital-a');
    expect(event).toEqual({
      name: 'KeysRewrapped',
      payload: [{ owner: 'hospital-a', keys: 1, left: 0 }],
    });
    const read = (who: BenchIdentity, institution?: string) =>
      scene.evaluate(who, 'Recovery:ReadShare', { patient, institution });
    expect(await read(scene.hospital, 'hospital-a')).toEqual({ share, sha256: '5'.repeat(64) });
    const { address } = scene.otherPatient;
    expect(await read(scene.otherPatient)).toEqual(shareFor(address));
    await expect(rewrap(scene.otherHospital, 'hospital-a')).rejects.toThrow(/^CALLER_FORBIDDEN/);
    await expect(rewrap(scene.otherHospital, 'hospital-b')).rejects.toThrow(/^RECOVERY_NOT_FOUND/);
    // The patient has made other shares since.
    await expect(rewrap(scene.hospital, 'hospital-a', '6'.repeat(64))).rejects.toThrow(/^RECOVERY_NOT_FOUND/);
  });

  const handOver = (who: BenchIdentity, institution?: string) =>
    scene.submit(who, 'Recovery:HandOverShare', { patient, signer: next.address, institution, share });
  const agreed = async () => {
    await nameWith(guardiansOf());
    await request();
    await approve(scene.hospital, 'hospital-a');
    await approve(scene.otherPatient);
    scene.bench.advance(2 * day * 1000);
  };

  test('are one for each guardian, who reads their own, and of no use to one alone', async () => {
    await expect(nameWith(['hospital-a', 'insurer-a'])).rejects.toThrow(/^ARGUMENT_INVALID: escrow.shares/);
    await expect(nameWith([...guardiansOf().slice(1), 'hospital-b'])).rejects.toThrow(
      /^ARGUMENT_INVALID: escrow.shares/,
    );
    await expect(nameWith(guardiansOf(), 1)).rejects.toThrow(/^ARGUMENT_INVALID: escrow: /);
    const { event } = await nameWith(guardiansOf());
    expect(event?.payload).toEqual([expect.objectContaining({ sharesKeys: true })]);
    expect(JSON.stringify(event)).not.toContain(keys);
    const readShare = (who: BenchIdentity, institution?: string) =>
      scene.evaluate(who, 'Recovery:ReadShare', { patient, institution });
    expect(await readShare(scene.hospital, 'hospital-a')).toEqual(shareFor('hospital-a'));
    expect(await readShare(scene.otherPatient)).toEqual(shareFor(scene.otherPatient.address));
    await expect(readShare(scene.otherHospital, 'hospital-a')).rejects.toThrow(forbidden);
    await expect(readShare(scene.otherHospital, 'hospital-b')).rejects.toThrow(notFound);
    await name(guardiansOf(), 2);
    await expect(readShare(scene.hospital, 'hospital-a')).rejects.toThrow(notFound);
  });

  test('are handed over once the other key has followed, and not while it can be cancelled', async () => {
    await agreed();
    await expect(handOver(scene.hospital, 'hospital-a')).rejects.toThrow(wrongState);
    await complete();
    await expect(handOver(scene.otherHospital, 'hospital-b')).rejects.toThrow(notFound);
    const { event, result } = await handOver(scene.hospital, 'hospital-a');
    expect(event).toEqual({ name: 'ShareHandedOver', payload: [result] });
    await handOver(scene.otherPatient);
    const recovered = await scene.evaluate(next, 'Recovery:RecoveredKeys', {});
    expect(recovered).toMatchObject({ threshold: 2, keys });
    expect(recovered.shares.map(({ guardian }) => guardian).sort()).toEqual(
      [scene.otherPatient.address, 'hospital-a'].sort(),
    );
    for (const who of [scene.patient, scene.hospital])
      await expect(scene.evaluate(who, 'Recovery:RecoveredKeys', {})).rejects.toThrow(forbidden);
  });

  test('are handed over to nobody after the patient has named guardians anew', async () => {
    await agreed();
    await complete();
    await scene.submit(next, 'Recovery:NameGuardians', {
      guardians: guardiansOf(),
      threshold: 2,
      waitingSeconds: 2 * day,
      escrow: escrowFor(guardiansOf()),
    });
    await expect(handOver(scene.hospital, 'hospital-a')).rejects.toThrow(wrongState);
    await expect(scene.evaluate(next, 'Recovery:RecoveredKeys', {})).rejects.toThrow(notFound);
  });
});
