import { beforeAll, expect, test } from '@jest/globals';
import { careTransactions, type CareTransaction } from '@medigraph/schema';
import { type BenchIdentity } from '@medigraph/chaincode-lib/testing';
import { CareScene, encryptionKey, rotationOf, sealed, wrappedFor } from './testing/care-scene.js';

/** Columns: the patient, holder HospitalA, HospitalB, grantee InsurerA, InsurerB, another patient, a client that is none. */
const callers = [
  'patient',
  'hospital',
  'otherHospital',
  'insurer',
  'otherInsurer',
  'otherPatient',
  'stranger',
] as const;
type CallerName = (typeof callers)[number];

/** `ok`, `[]` for an answer that shows nothing, or the code of the refusal. */
type Row = readonly [string, string, string, string, string, string, string];
const forbidden = 'CALLER_FORBIDDEN';
const noEntry = 'ENTRY_NOT_FOUND';
const noConsent = 'CONSENT_NOT_FOUND';

/** Each transaction about HospitalA's entry, InsurerA's consent and the patient. Nothing is committed. */
const matrix: Record<CareTransaction, Row> = {
  'Registration:RegisterInstitutions': [forbidden, 'ok', 'ok', 'ok', 'ok', forbidden, forbidden],
  'Registration:RegisterPractitioners': [
    forbidden,
    'ok',
    forbidden,
    forbidden,
    forbidden,
    forbidden,
    forbidden,
  ],
  'Registration:RegisterPatient': [
    'PATIENT_EXISTS',
    forbidden,
    forbidden,
    forbidden,
    forbidden,
    'PATIENT_EXISTS',
    'ok',
  ],
  'Registration:RotateKey': [
    'ok',
    forbidden,
    forbidden,
    forbidden,
    forbidden,
    'KEY_PROOF_INVALID',
    forbidden,
  ],
  'Registration:Deactivate': ['ok', forbidden, forbidden, forbidden, forbidden, forbidden, 'ok'],
  'Registration:Resolve': ['ok', 'ok', 'ok', 'ok', 'ok', 'ok', 'ok'],
  'Records:AuthorizeStorage': ['ok', forbidden, forbidden, forbidden, forbidden, 'ok', forbidden],
  'Records:ProposeEntries': [forbidden, 'ok', forbidden, forbidden, forbidden, forbidden, forbidden],
  'Records:AuthorizeEntries': ['ok', forbidden, forbidden, forbidden, forbidden, noEntry, forbidden],
  'Records:AddPersonalEntries': ['ok', forbidden, forbidden, forbidden, forbidden, 'KEY_MISSING', forbidden],
  'Records:RetractEntry': [forbidden, 'ok', noEntry, forbidden, noEntry, noEntry, noEntry],
  'Records:VerifyEntry': ['ok', 'ok', noEntry, 'ok', noEntry, noEntry, noEntry],
  'Records:EntriesOf': ['ok', '[]', '[]', '[]', '[]', '[]', '[]'],
  'Records:HistoryOf': ['ok', noEntry, noEntry, noEntry, noEntry, noEntry, noEntry],
  'Access:Request': [forbidden, forbidden, forbidden, 'ok', forbidden, forbidden, forbidden],
  'Access:Grant': ['ok', forbidden, forbidden, forbidden, forbidden, noConsent, forbidden],
  'Access:AddKeys': ['ok', forbidden, forbidden, forbidden, forbidden, noConsent, forbidden],
  'Access:Deny': ['ok', forbidden, forbidden, forbidden, forbidden, noConsent, forbidden],
  'Access:Revoke': ['ok', forbidden, forbidden, forbidden, forbidden, noConsent, forbidden],
  'Access:OpenEntries': [forbidden, forbidden, forbidden, 'ok', forbidden, forbidden, forbidden],
  'Access:ReadConsent': ['ok', noConsent, noConsent, 'ok', noConsent, noConsent, noConsent],
  'Access:ConsentsOf': ['ok', '[]', '[]', 'ok', '[]', '[]', '[]'],
  'Access:ReadBodies': [
    'OPENING_NOT_FOUND',
    'OPENING_NOT_FOUND',
    'OPENING_NOT_FOUND',
    'ok',
    'OPENING_NOT_FOUND',
    'OPENING_NOT_FOUND',
    'OPENING_NOT_FOUND',
  ],
  'Access:AuditOf': ['ok', '[]', '[]', '[]', '[]', '[]', '[]'],
};

let scene: CareScene;
let opening: string;
let rotation: unknown;
beforeAll(async () => {
  scene = await CareScene.open();
  await scene.record(scene.clinical('e1'));
  await scene.propose(scene.clinical('proposed'));
  await scene.request('active');
  await scene.grant('active', 'e1');
  await scene.request('draft');
  rotation = await rotationOf(scene.patient, await scene.bench.enrol('PatientsMSP'));
  opening = (await scene.openAsInsurer('e1')).transaction;
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
  const byName: Record<CareTransaction, unknown> = {
    'Registration:RegisterInstitutions': {
      institutions: [{ id: 'new', kind: 'hospital', name: 'New', encryptionKey }],
    },
    'Registration:RegisterPractitioners': {
      practitioners: [{ id: 'dr', institution: 'hospital-a', name: 'Dr' }],
    },
    'Registration:RegisterPatient': { patientIdHash: '9'.repeat(64), encryptionKey },
    'Registration:RotateKey': rotation,
    'Registration:Deactivate': { patient },
    'Registration:Resolve': { patient },
    'Records:AuthorizeStorage': { institutions: ['hospital-b'], active: true },
    'Records:ProposeEntries': { patient, institution: 'hospital-a', entries: [scene.clinical('new')] },
    'Records:AuthorizeEntries': { entries: ['proposed'] },
    'Records:AddPersonalEntries': { entries: [sealed('new', [patient])] },
    'Records:RetractEntry': { patient, entry: 'e1', reason: 'x' },
    'Records:VerifyEntry': { patient, entry: 'e1', sha256: '0'.repeat(64) },
    'Records:EntriesOf': { patient, pageSize: 10 },
    'Records:HistoryOf': { patient, entry: 'e1' },
    'Access:Request': request,
    'Access:Grant': { consent: 'draft', keys: [key] },
    'Access:AddKeys': { consent: 'active', keys: [key] },
    'Access:Deny': { consent: 'draft' },
    'Access:Revoke': { consent: 'active' },
    'Access:OpenEntries': grantee,
    'Access:ReadConsent': { consent: 'active' },
    'Access:ConsentsOf': { patient },
    'Access:ReadBodies': { patient, entries: ['e1'], opening },
    'Access:AuditOf': { patient, pageSize: 10 },
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
  rows.flatMap((name) => callers.map((caller, column) => [name, caller, matrix[name][column]] as const)),
)('%s by %s: %s', async (name, caller: CallerName, expected) => {
  expect(await outcome(scene[caller], name)).toBe(expected);
});
