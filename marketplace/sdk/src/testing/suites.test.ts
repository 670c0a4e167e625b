/** What the kit asks, answered by the consortium's own suites. */
import { beforeEach, expect, test } from '@jest/globals';
import { encryptionKey, rotationOf } from '@medigraph/chaincode-care/testing';
import { type BenchIdentity, ContractBench } from '@medigraph/chaincode-lib/testing';
import { RegistryScene } from '@medigraph/chaincode-registry/testing';
import { DAppContext, DAppContract, Evaluation, Param, Returns } from '../index.js';

class Diary extends DAppContract {
  @Evaluation('The consent by which the diary reads of a patient.')
  @Returns('string')
  async consent(ctx: DAppContext, @Param('patient', 'Whose.') patient: string): Promise<string> {
    const question = { patient, purpose: 'PATRQT', category: 'observation' } as const;
    return JSON.stringify((await ctx.consents.require(question)) ?? null);
  }

  @Evaluation('The organisation of an institution of the caller.')
  @Returns('string')
  async organization(ctx: DAppContext, @Param('institution', 'Which.') institution: string): Promise<string> {
    return JSON.stringify((await ctx.institutions.requireOwn(institution)).mspId);
  }

  @Evaluation('Where the practitioner who calls works.')
  @Returns('string')
  async works(ctx: DAppContext): Promise<string> {
    return JSON.stringify((await ctx.institutions.ofPractitioner()) ?? null);
  }

  @Evaluation('Who calls, for good.')
  @Returns('string')
  async person(ctx: DAppContext): Promise<string> {
    return JSON.stringify((await ctx.person()) ?? null);
  }

  @Evaluation('Whether a holder has installed the diary.')
  @Returns('boolean')
  installed(ctx: DAppContext, @Param('holder', 'Who.') holder: string): Promise<boolean> {
    return ctx.installations.has(holder);
  }
}

let scene: RegistryScene;
let diary: ContractBench;

beforeEach(async () => {
  scene = await RegistryScene.open();
  await scene.run('1.0.0');
  const others = [scene.care.bench, scene.bench];
  diary = new ContractBench({ contracts: [Diary], channel: 'care', chaincode: 'dapp-diary', others });
});

test('a patient is the same person whatever key they sign with, and a key of before is nobody’s', async () => {
  const { patient, bench } = scene.care;
  const person = (who: BenchIdentity) => diary.evaluate(who, 'Diary:person');
  const [next, stranger] = [await bench.enrol('PatientsMSP'), await bench.enrol('PatientsMSP')];
  expect(await person(patient)).toBe(patient.address);
  for (const nobody of [next, stranger, scene.publisher]) expect(await person(nobody)).toBeNull();
  await scene.care.submit(
    patient,
    'Registration:RotateKey',
    await rotationOf(patient, next, patient.address),
  );
  expect(await person(next)).toBe(patient.address);
  expect(await person(patient)).toBeNull();
});

test('a DApp learns of consents to itself and of its own installations, until they end', async () => {
  const { patient, publisher } = { patient: scene.care.patient, publisher: scene.publisher };
  const consent = () => diary.evaluate(publisher, 'Diary:consent', patient.address);
  const installed = () => diary.evaluate(publisher, 'Diary:installed', patient.address);
  await expect(consent()).rejects.toMatchObject({ code: 'CONSENT_REQUIRED' });
  expect(await installed()).toBe(false);

  await scene.care.submit(patient, 'Access:Offer', {
    consents: [
      {
        id: 'c1',
        grantee: 'hospital-a',
        period: { end: '2026-01-20T00:00:00.000Z' },
        provision: {
          purpose: ['PATRQT'],
          category: ['observation'],
          actor: { kind: 'application', id: 'diary' },
        },
        keys: [],
      },
    ],
  });
  await scene.submit(patient, 'DApps:Install', { dapp: 'diary', grants: [{ scope: 'labs', consent: 'c1' }] });
  diary.advance(scene.bench.now.getTime() - diary.now.getTime());
  expect(await consent()).toBe('c1');
  expect(await installed()).toBe(true);

  await scene.submit(patient, 'DApps:Uninstall', { dapp: 'diary' });
  await scene.care.submit(patient, 'Access:Revoke', { consent: 'c1' });
  await expect(consent()).rejects.toMatchObject({ code: 'CONSENT_REQUIRED' });
  expect(await installed()).toBe(false);
});

test('another DApp learns nothing of either', async () => {
  const others = [scene.care.bench, scene.bench];
  const other = new ContractBench({ contracts: [Diary], channel: 'care', chaincode: 'dapp-other', others });
  const { patient } = scene.care;
  await expect(other.evaluate(patient, 'Diary:consent', patient.address)).rejects.toMatchObject({
    code: 'CONSENT_REQUIRED',
  });
  expect(await other.evaluate(patient, 'Diary:installed', patient.address)).toBe(false);
});

test('a DApp knows whose an institution is', async () => {
  const organization = (id: string) => diary.evaluate(scene.care.hospital, 'Diary:organization', id);
  expect(await organization('hospital-a')).toBe('HospitalAMSP');
  await expect(organization('hospital-b')).rejects.toMatchObject({ code: 'INSTITUTION_FOREIGN' });
  await expect(organization('nowhere')).rejects.toMatchObject({ code: 'SUITE_REFUSED' });
});

test('a DApp knows where a practitioner works, from the ledger and for their own organisation alone', async () => {
  const { care } = scene;
  await care.submit(care.hospital, 'Registration:RegisterInstitutions', {
    institutions: [{ id: 'hospital-a2', kind: 'hospital', name: 'A2', encryptionKey }],
  });
  const signer = (mspId: string, practitioner: string) =>
    care.bench.enrol(mspId, practitioner, { attributes: { 'medigraph.practitioner': practitioner } });
  const works = (who: BenchIdentity) => diary.evaluate(who, 'Diary:works');
  const organization = (who: BenchIdentity, id: string) => diary.evaluate(who, 'Diary:organization', id);
  const doctor = await signer('HospitalBMSP', 'dr-b');
  expect(await works(doctor)).toBe('hospital-b');
  expect(await organization(doctor, 'hospital-b')).toBe('HospitalBMSP');
  // Whom another organisation's CA calls by the same name, and who is registered nowhere, works nowhere.
  for (const [mspId, id] of [
    ['HospitalAMSP', 'dr-b'],
    ['HospitalAMSP', 'dr-nobody'],
  ] as const) {
    const forged = await signer(mspId, id);
    expect(await works(forged)).toBeNull();
    await expect(organization(forged, 'hospital-a')).rejects.toMatchObject({ code: 'INSTITUTION_FOREIGN' });
    await expect(organization(forged, 'hospital-b')).rejects.toMatchObject({ code: 'INSTITUTION_FOREIGN' });
  }
  // Not for another institution of their organisation, either; the organisation itself acts for all of its own.
  await care.submit(care.hospital, 'Registration:RegisterPractitioners', {
    practitioners: [{ id: 'dr-a2', institution: 'hospital-a2', name: 'Dr A2' }],
  });
  const other = await signer('HospitalAMSP', 'dr-a2');
  expect(await organization(other, 'hospital-a2')).toBe('HospitalAMSP');
  await expect(organization(other, 'hospital-a')).rejects.toMatchObject({ code: 'INSTITUTION_FOREIGN' });
  expect(await works(scene.care.hospital)).toBeNull();
  for (const id of ['hospital-a', 'hospital-a2'])
    expect(await organization(scene.care.hospital, id)).toBe('HospitalAMSP');
});
