import { beforeAll, expect, test } from '@jest/globals';
import { careTransactions, type CareTransaction } from '@medigraph/schema';
import { type BenchIdentity } from '@medigraph/chaincode-lib/testing';
import { CareScene, encryptionKey, rotationOf, sealed, watch, wrappedFor } from './testing/care-scene.js';

/** Who calls: of the case below, and two who have no part in it but their office. */
const callers = [
  'patient',
  'hospital',
  'otherHospital',
  'insurer',
  'otherInsurer',
  'otherPatient',
  'stranger',
  'regulator',
  'doctor',
] as const;
type CallerName = (typeof callers)[number];

const forbidden = 'CALLER_FORBIDDEN';
const noEntry = 'ENTRY_NOT_FOUND';
const noConsent = 'CONSENT_NOT_FOUND';
const noRecovery = 'RECOVERY_NOT_FOUND';
const noImport = 'IMPORT_NOT_FOUND';
const noEmergency = 'EMERGENCY_NOT_FOUND';

/** `ok`, `[]` for an answer that shows nothing, or the code of the refusal; of everybody but those named. */
interface Row extends Partial<Record<CallerName, string>> {
  readonly others: string;
}

/** Each transaction about HospitalA's entry, InsurerA's consent, the doctor's emergency and the patient. Nothing is committed. */
const matrix: Record<CareTransaction, Row> = {
  'Registration:RegisterInstitutions': {
    others: 'ok',
    patient: forbidden,
    otherPatient: forbidden,
    stranger: forbidden,
  },
  'Registration:RegisterPractitioners': { others: forbidden, hospital: 'ok' },
  'Registration:RegisterPatient': {
    others: forbidden,
    patient: 'PATIENT_EXISTS',
    otherPatient: 'PATIENT_EXISTS',
    stranger: 'ok',
  },
  'Registration:RotateKey': { others: forbidden, patient: 'ok', otherPatient: 'KEY_PROOF_INVALID' },
  'Registration:RotateInstitutionKey': { others: forbidden, hospital: 'ok' },
  'Registration:Deactivate': { others: forbidden, patient: 'ok', stranger: 'ok' },
  'Recovery:NameGuardians': { others: forbidden, patient: 'ok', otherPatient: 'ARGUMENT_INVALID' },
  'Recovery:Request': { others: forbidden, patient: forbidden, stranger: forbidden },
  'Recovery:Approve': { others: forbidden, patient: noRecovery, otherPatient: 'ok' },
  'Recovery:Cancel': { others: forbidden, patient: 'ok', otherPatient: noRecovery },
  'Recovery:Complete': { others: noRecovery },
  'Recovery:ReadGuardianship': { others: forbidden, patient: 'ok', otherPatient: noRecovery },
  'Recovery:ReadShare': { others: forbidden, patient: noRecovery, otherPatient: noRecovery },
  'Recovery:HandOverShare': { others: forbidden, patient: noRecovery, otherPatient: noRecovery },
  'Recovery:RewrapShares': { others: forbidden, patient: noRecovery, otherPatient: noRecovery },
  'Recovery:RecoveredKeys': { others: forbidden, patient: noRecovery, otherPatient: noRecovery },
  'Recovery:Read': { others: noRecovery, patient: 'ok', otherPatient: 'ok' },
  'Registration:Resolve': { others: 'ok' },
  'Registration:Self': { others: forbidden, patient: 'ok', otherPatient: 'ok' },
  'Registration:PractitionerSelf': { others: 'ok' },
  'Registration:Organizations': { others: 'ok' },
  'Access:Permits': { others: 'ok' },
  'Records:AuthorizeStorage': { others: forbidden, patient: 'ok', otherPatient: 'ok' },
  'Records:ProposeEntries': { others: forbidden, hospital: 'ok' },
  'Records:AuthorizeEntries': { others: forbidden, patient: 'ok', otherPatient: noEntry },
  'Records:AddPersonalEntries': { others: forbidden, patient: 'ok', otherPatient: 'KEY_MISSING' },
  'Records:RetractEntry': { others: noEntry, patient: forbidden, hospital: 'ok', insurer: forbidden },
  'Records:EraseEntry': {
    others: noEntry,
    patient: 'ok',
    hospital: 'ENTRY_STATE_INVALID',
    insurer: forbidden,
  },
  'Records:RewrapKeys': { others: forbidden, hospital: 'ok' },
  'Records:BeginEntry': { others: forbidden, hospital: 'ok' },
  'Records:AppendBody': { others: 'DRAFT_NOT_FOUND', hospital: 'ok' },
  'Records:CompleteEntry': { others: 'DRAFT_NOT_FOUND', hospital: 'DRAFT_INCOMPLETE' },
  'Records:DiscardEntry': { others: 'DRAFT_NOT_FOUND', hospital: 'ok' },
  'Records:GrantsOf': { others: forbidden, patient: 'ok' },
  'Records:KeysOf': { others: forbidden, patient: 'ok', otherPatient: '[]' },
  'Records:VerifyEntry': { others: noEntry, patient: 'ok', hospital: 'ok', insurer: 'ok' },
  'Records:EntriesOf': { others: '[]', patient: 'ok' },
  'Records:HistoryOf': { others: noEntry, patient: 'ok' },
  'Imports:RequestImport': { others: forbidden, patient: 'ok', otherPatient: 'STORAGE_NOT_AUTHORIZED' },
  'Imports:AuthorizeImport': { others: noImport, hospital: 'ok' },
  'Imports:PickEntries': { others: forbidden, patient: 'ok', otherPatient: noImport },
  'Imports:DeclineImport': { others: noImport, patient: 'ok', hospital: 'ok' },
  'Imports:ReadImport': { others: noImport, patient: 'ok', hospital: 'ok' },
  'Contributions:AuthorizeContributor': { others: forbidden, patient: 'ok', otherPatient: 'ok' },
  'Contributions:ContributeEntries': { others: forbidden, otherInsurer: 'ok' },
  'Contributions:ReadContributor': { others: forbidden, otherInsurer: 'ok' },
  'Contributions:ReadContribution': { others: forbidden, otherInsurer: 'ok' },
  'Contributions:ContributorsOf': { others: forbidden, patient: 'ok' },
  'Access:Request': { others: forbidden, insurer: 'ok' },
  'Access:Grant': { others: forbidden, patient: 'ok', otherPatient: noConsent },
  'Access:Offer': { others: forbidden, patient: 'ok', otherPatient: noEntry },
  'Access:Refuse': { others: forbidden, patient: 'ok', otherPatient: 'ok' },
  'Access:Delegate': { others: forbidden, patient: 'ok', stranger: 'ok' },
  'Access:AddKeys': { others: forbidden, patient: 'ok', otherPatient: noConsent },
  'Access:Deny': { others: forbidden, patient: 'ok', otherPatient: noConsent },
  'Access:Revoke': { others: forbidden, patient: 'ok', otherPatient: noConsent },
  'Access:OpenEntries': { others: forbidden, insurer: 'ok' },
  'Access:ReadConsent': { others: noConsent, patient: 'ok', insurer: 'ok' },
  'Access:ConsentsOf': {
    others: '[]',
    patient: 'ok',
    insurer: 'ok',
    otherHospital: 'ok',
    doctor: 'ok',
    regulator: 'ok',
  },
  'Access:ReadBodies': { others: 'OPENING_NOT_FOUND', insurer: 'ok' },
  'Access:AuditOf': { others: '[]', patient: 'ok' },
  'Emergency:SetPolicy': { others: forbidden, regulator: 'ok' },
  'Emergency:ReadPolicy': { others: 'ok' },
  'Emergency:BreakGlass': { others: forbidden, otherHospital: 'ok', doctor: 'ok' },
  'Emergency:DiscloseKeys': { others: noEmergency, regulator: 'ok' },
  'Emergency:KeysToDisclose': { others: noEmergency, regulator: 'ok' },
  'Emergency:Review': { others: forbidden, otherHospital: 'ok' },
  'Emergency:Read': { others: noEmergency, patient: 'ok' },
  'Emergency:Unreviewed': { others: forbidden, regulator: 'ok' },
};

let scene: CareScene;
let opening: string;
let rotation: unknown;
let contribution: unknown;
let recovering: BenchIdentity;
beforeAll(async () => {
  scene = await CareScene.open();
  await scene.record(scene.clinical('e1'));
  await scene.propose(scene.clinical('proposed'));
  await scene.propose(scene.clinical('history'));
  for (const id of ['asked', 'shown'])
    await scene.submit(scene.patient, 'Imports:RequestImport', { id, institution: 'hospital-a' });
  await scene.submit(scene.hospital, 'Imports:AuthorizeImport', {
    patient: scene.patient.address,
    import: 'shown',
    entries: ['history'],
  });
  await scene.submit(scene.patient, 'Records:AuthorizeEntries', { entries: ['history'] });
  await scene.request('active');
  await scene.grant('active', 'e1');
  await scene.request('draft');
  recovering = await scene.bench.enrol('PatientsMSP');
  await scene.submit(scene.patient, 'Recovery:NameGuardians', {
    guardians: [scene.otherPatient.address],
    threshold: 1,
    waitingSeconds: 86_400,
  });
  await scene.submit(recovering, 'Recovery:Request', { patient: scene.patient.address, encryptionKey });
  rotation = await rotationOf(scene.patient, await scene.bench.enrol('PatientsMSP'));
  opening = (await scene.openAsInsurer('e1')).transaction;
  await scene.submit(scene.hospital, 'Records:BeginEntry', scene.large('begun'));
  await scene.letDisclose('escrow', 'e1');
  await scene.breakGlass('broken');
  await scene.letContribute();
  await scene.submit(
    scene.otherInsurer,
    'Contributions:ContributeEntries',
    await scene.contribution('first', sealed('measured', [scene.patient.address])),
  );
  contribution = await scene.contribution('new', sealed('new', [scene.patient.address]));
});

function argumentOf(name: CareTransaction): unknown {
  const patient = scene.patient.address;
  const key = { entry: 'e1', key: wrappedFor('insurer-a') };
  const grantee = { patient, institution: 'insurer-a', purpose: 'COVAUTH', entries: ['e1'] };
  const request = {
    id: 'new',
    patient,
    grantee: 'insurer-a',
    period: {},
    provision: { purpose: ['COVAUTH'] },
  };
  const offer = { id: 'new', grantee: 'insurer-a', period: {}, provision: { purpose: ['COVAUTH'] } };
  const glass = { id: 'new', patient, institution: 'hospital-b', purpose: 'ETREAT', reason: 'an emergency' };
  const byName: Record<CareTransaction, unknown> = {
    'Registration:RegisterInstitutions': {
      institutions: [{ id: 'new', kind: 'hospital', name: 'New', encryptionKey }],
    },
    'Registration:RegisterPractitioners': {
      practitioners: [{ id: 'dr', institution: 'hospital-a', name: 'Dr' }],
    },
    'Registration:RegisterPatient': { patientIdHash: '9'.repeat(64), encryptionKey },
    'Registration:RotateKey': rotation,
    'Registration:RotateInstitutionKey': { institution: 'hospital-a', encryptionKey },
    'Registration:Deactivate': { patient },
    'Recovery:NameGuardians': {
      guardians: [scene.otherPatient.address],
      threshold: 1,
      waitingSeconds: 86_400,
    },
    'Recovery:Request': { patient, encryptionKey },
    'Recovery:Approve': { patient, signer: recovering.address },
    'Recovery:Cancel': { signer: recovering.address },
    'Recovery:Complete': { patient },
    'Recovery:Read': { patient, signer: recovering.address },
    'Recovery:ReadGuardianship': {},
    'Recovery:ReadShare': { patient },
    'Recovery:HandOverShare': { patient, signer: recovering.address, share: wrappedFor('recovering') },
    'Recovery:RewrapShares': {
      shares: [{ patient, share: wrappedFor('again'), sha256: '5'.repeat(64) }],
    },
    'Recovery:RecoveredKeys': {},
    'Registration:Resolve': { patient },
    'Registration:Self': {},
    'Registration:PractitionerSelf': {},
    'Registration:Organizations': {},
    'Access:Permits': { patient, grantee: 'insurer-a', purpose: 'HPAYMT' },
    'Records:AuthorizeStorage': { institutions: ['hospital-b'], active: true },
    'Records:ProposeEntries': { patient, institution: 'hospital-a', entries: [scene.clinical('new')] },
    'Records:AuthorizeEntries': { entries: ['proposed'] },
    'Records:AddPersonalEntries': { entries: [sealed('new', [patient])] },
    'Records:RetractEntry': { patient, entry: 'e1', reason: 'x' },
    'Records:EraseEntry': { patient, entry: 'e1' },
    'Records:RewrapKeys': {
      institution: 'hospital-a',
      keys: [{ patient, entry: 'e1', key: wrappedFor('hospital-a') }],
    },
    'Records:BeginEntry': scene.large('new'),
    'Records:AppendBody': { patient, entry: 'begun', part: 0, body: 'e30..aXY.Yg' },
    'Records:CompleteEntry': { patient, entry: 'begun' },
    'Records:DiscardEntry': { patient, entry: 'begun' },
    'Records:GrantsOf': { patient },
    'Records:KeysOf': { patient, pageSize: 10 },
    'Records:VerifyEntry': { patient, entry: 'e1', sha256: '0'.repeat(64) },
    'Records:EntriesOf': { patient, pageSize: 10 },
    'Records:HistoryOf': { patient, entry: 'e1' },
    'Imports:RequestImport': { id: 'new', institution: 'hospital-a' },
    'Imports:AuthorizeImport': { patient, import: 'asked', entries: ['proposed'] },
    'Imports:PickEntries': { import: 'shown', entries: ['history'] },
    'Imports:DeclineImport': { patient, import: 'asked' },
    'Imports:ReadImport': { patient, import: 'asked' },
    'Contributions:AuthorizeContributor': { ...watch, kind: 'device', period: {}, active: true },
    'Contributions:ContributeEntries': contribution,
    'Contributions:ReadContributor': { patient, ...watch },
    'Contributions:ReadContribution': { patient, ...watch, batch: 'first' },
    'Contributions:ContributorsOf': { patient, pageSize: 10 },
    'Access:Request': request,
    'Access:Grant': { consent: 'draft', keys: [key] },
    'Access:Offer': { consents: [{ ...offer, keys: [key] }] },
    'Access:Refuse': offer,
    'Access:Delegate': {
      ...offer,
      patient,
      grantee: scene.otherPatient.address,
      provision: { purpose: ['PATRQT'] },
      delegation: { relationship: 'PRN', acts: ['decide'] },
      keys: [],
    },
    'Access:AddKeys': { consent: 'active', keys: [key] },
    'Access:Deny': { consent: 'draft' },
    'Access:Revoke': { consent: 'active' },
    'Access:OpenEntries': grantee,
    'Access:ReadConsent': { consent: 'active' },
    'Access:ConsentsOf': { patient },
    'Access:ReadBodies': { patient, entries: ['e1'], opening },
    'Access:AuditOf': { patient, pageSize: 10 },
    'Emergency:SetPolicy': { institution: 'regulator', maxMinutes: 120, reviewHours: 24 },
    'Emergency:ReadPolicy': {},
    'Emergency:BreakGlass': { ...glass, minutes: 60 },
    'Emergency:DiscloseKeys': { emergency: 'broken', keys: [{ entry: 'e1', key: wrappedFor('hospital-b') }] },
    'Emergency:KeysToDisclose': { emergency: 'broken', pageSize: 10 },
    'Emergency:Review': {
      emergency: 'broken',
      institution: 'hospital-b',
      outcome: 'justified',
      comment: 'x',
    },
    'Emergency:Read': { emergency: 'broken' },
    'Emergency:Unreviewed': { institution: 'regulator', pageSize: 10 },
  };
  return byName[name];
}

async function outcome(who: BenchIdentity, name: CareTransaction): Promise<string> {
  try {
    const { result } = await scene.bench.endorse(who, name, argumentOf(name));
    const shown = Array.isArray(result) ? result : (result as { items?: unknown[] }).items;
    return shown?.length === 0 ? '[]' : 'ok';
  } catch (error) {
    return /[A-Z_]+(?=:)/.exec((error as Error).message)?.[0] ?? String(error);
  }
}

const rows = Object.keys(careTransactions) as CareTransaction[];
test.each(
  rows.flatMap((name) =>
    callers.map((caller) => [name, caller, matrix[name][caller] ?? matrix[name].others] as const),
  ),
)('%s by %s: %s', async (name, caller: CallerName, expected) => {
  expect(await outcome(scene[caller], name)).toBe(expected);
});
