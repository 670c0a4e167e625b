/** Whom a developer tries a DApp as: an institution of every organisation, and a patient. */
import { type GraphClient } from '../../graph-client.js';

const institutions = {
  'hospital-a': 'HOSPITAL',
  'hospital-b': 'HOSPITAL',
  'insurer-a': 'INSURER',
  'insurer-b': 'INSURER',
  regulator: 'REGULATOR',
} as const;

/** Organisations whose approval a version needs here. */
export const reviewers = ['hospital-a', 'hospital-b', 'insurer-a', 'regulator'] as const;

const medicalRecordNumber = 'DEVELOPMENT-1';

/** Asks the graph as a role of the `medigraph token` command. */
export type As = (role: string) => Promise<GraphClient>;

/** Registers them; done before, it changes nothing. @returns the patient's chain address */
export async function registerPeople(as: As): Promise<string> {
  const known = await (
    await as('operator:hospital-a')
  ).request<{ institutions: { nodes: { id: string }[] } }>('{ institutions(first: 100) { nodes { id } } }');
  const there = new Set(known.institutions.nodes.map(({ id }) => id));
  for (const [id, kind] of Object.entries(institutions))
    if (!there.has(id))
      await (
        await as(`operator:${id}`)
      ).request(
        'mutation($input: RegisterInstitutionInput!) { registerInstitution(input: $input) { institution { id } } }',
        { input: { id, name: `${kind.charAt(0)}${kind.slice(1).toLowerCase()} ${id}`, kind } },
      );
  const { registerPatient } = await (
    await as('hospital-a')
  ).request<{ registerPatient: { patient: { id: string } } }>(
    'mutation($input: RegisterPatientInput!) { registerPatient(input: $input) { patient { id } } }',
    { input: { identifier: medicalRecordNumber, idempotencyKey: medicalRecordNumber } },
  );
  const { id } = registerPatient.patient;
  await (
    await as(`patient:${id}`)
  ).request('mutation { authorizeStorage(input: { institutions: ["hospital-a"] }) { transaction { id } } }');
  return id;
}

const installed = 'query { myInstallations(first: 100) { nodes { dApp { id } status } } }';

/** Installs the DApp for the patient, and for a hospital, with every scope that it asks for. */
export async function install(
  as: As,
  dapp: string,
  scopes: readonly string[],
  patient: string,
): Promise<void> {
  for (const input of [
    { role: `patient:${patient}`, scopes },
    { role: 'operator:hospital-a', scopes, institution: 'hospital-a' },
  ]) {
    const { role, ...terms } = input;
    const client = await as(role);
    const { myInstallations } = await client.request<{
      myInstallations: { nodes: { dApp: { id: string } | null; status: string }[] };
    }>(installed);
    const there = myInstallations.nodes.some((each) => each.dApp?.id === dapp && each.status === 'ACTIVE');
    if (there) continue;
    await client.request(
      'mutation($input: InstallDAppInput!) { installDApp(input: $input) { installation { status } } }',
      { input: { dapp, ...terms } },
    );
  }
}
