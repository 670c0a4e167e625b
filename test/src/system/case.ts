/** A case that most suites need: a patient with a record, a consent, a coverage and a claim, none of them final. */
import { randomUUID } from 'node:crypto';
import { bloodCountClaim, haemoglobin } from '@medigraph/launcher';
import { type RunningSystem } from './running-system.js';

const kinds = {
  'hospital-a': 'HOSPITAL',
  'hospital-b': 'HOSPITAL',
  'insurer-a': 'INSURER',
  'insurer-b': 'INSURER',
  regulator: 'REGULATOR',
};

/** Registers the first institution of every organisation. */
export async function registerInstitutions(system: RunningSystem): Promise<void> {
  for (const [id, kind] of Object.entries(kinds)) {
    await system.data(
      `operator:${id}`,
      'mutation($input: RegisterInstitutionInput!) { registerInstitution(input: $input) { institution { id } } }',
      { input: { id, name: `The ${id}`, kind } },
    );
  }
}

/** The id of what a mutation made. */
async function made(
  system: RunningSystem,
  role: string,
  mutation: string,
  input: object,
  thing: string,
): Promise<string> {
  const type = `${mutation.charAt(0).toUpperCase()}${mutation.slice(1)}Input`;
  const data = await system.data<Record<string, Record<string, { id: string }>>>(
    role,
    `mutation($input: ${type}!) { ${mutation}(input: $input) { ${thing} { id } } }`,
    { input },
  );
  const id = data[mutation]?.[thing]?.id;
  if (id === undefined) throw new Error(`${mutation} answered ${JSON.stringify(data)}`);
  return id;
}

/** A patient, whom nobody knows yet but hospital-a, which may store. */
export async function registerPatient(
  system: RunningSystem,
  identifier: string = randomUUID(),
): Promise<string> {
  const id = await made(system, 'hospital-a', 'registerPatient', { identifier }, 'patient');
  await system.data(
    `patient:${id}`,
    'mutation { authorizeStorage(input: { institutions: ["hospital-a"] }) { transaction { id } } }',
  );
  return id;
}

/** An observation of the patient at hospital-a, authorised. */
export async function addEntry(
  system: RunningSystem,
  patient: string,
  resource: object = haemoglobin(patient),
): Promise<string> {
  const { proposeEntries } = await system.data<{ proposeEntries: { entries: [{ id: string }] } }>(
    'hospital-a',
    'mutation($input: ProposeEntriesInput!) { proposeEntries(input: $input) { entries { id } } }',
    { input: { patient, resources: [resource] } },
  );
  const [{ id }] = proposeEntries.entries;
  await system.data(
    `patient:${patient}`,
    'mutation($input: AuthorizeEntriesInput!) { authorizeEntries(input: $input) { entries { id } } }',
    { input: { entries: [id] } },
  );
  return id;
}

/** What insurer-a asked the patient for; not granted. */
export function requestConsent(system: RunningSystem, patient: string): Promise<string> {
  const input = { patient, provision: { purpose: ['COVAUTH'], category: ['OBSERVATION'] } };
  return made(system, 'insurer-a', 'requestAccess', input, 'consent');
}

/** Has the patient grant it. */
export async function grant(system: RunningSystem, patient: string, consent: string): Promise<void> {
  await system.data(
    `patient:${patient}`,
    'mutation($input: GrantAccessInput!) { grantAccess(input: $input) { consent { id } } }',
    { input: { consent } },
  );
}

/** A policy of insurer-a. */
export function cover(system: RunningSystem, beneficiary: string): Promise<string> {
  return made(system, 'insurer-a', 'registerCoverage', { beneficiary, currency: 'USD' }, 'coverage');
}

/** A claim of hospital-a at insurer-a, with two lines, submitted. */
export function claim(system: RunningSystem, patient: string, coverage: string): Promise<string> {
  const input = { coverage, resource: bloodCountClaim(patient, 'hospital-a') };
  return made(system, 'hospital-a', 'submitClaim', input, 'claim');
}
