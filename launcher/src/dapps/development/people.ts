/** Whom a developer tries a DApp as: an institution of every organisation, and a patient. */
import { type DAppManifest } from '@medigraph/schema/dapps';
import { type As } from './home.js';

export const institutions = {
  'hospital-a': 'HOSPITAL',
  'hospital-b': 'HOSPITAL',
  'insurer-a': 'INSURER',
  'insurer-b': 'INSURER',
  regulator: 'REGULATOR',
} as const;

/** Organisations whose approval a version needs here. */
export const reviewers = ['hospital-a', 'hospital-b', 'insurer-a', 'regulator'] as const;

/** Registers an institution of every organisation; done before, it changes nothing. */
export async function registerInstitutions(as: As): Promise<void> {
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
}

/** Registers a patient at a hospital that may keep their record; done before, it changes nothing. @returns their chain address */
export async function registerPatient(as: As, medicalRecordNumber: string): Promise<string> {
  const { registerPatient: registered } = await (
    await as('hospital-a')
  ).request<{ registerPatient: { patient: { id: string } } }>(
    'mutation($input: RegisterPatientInput!) { registerPatient(input: $input) { patient { id } } }',
    { input: { identifier: medicalRecordNumber, idempotencyKey: medicalRecordNumber } },
  );
  const { id } = registered.patient;
  await (
    await as(`patient:${id}`)
  ).request('mutation { authorizeStorage(input: { institutions: ["hospital-a"] }) { transaction { id } } }');
  return id;
}

/** Registers a practitioner; done before, it changes nothing. */
export async function registerPractitioner(as: As, institution: string, id: string): Promise<void> {
  const input = { id, institution, name: id, idempotencyKey: `${institution}/${id}` };
  await (
    await as(`operator:${institution}`)
  ).request(
    'mutation($input: RegisterPractitionerInput!) { registerPractitioner(input: $input) { practitioner { id } } }',
    { input },
  );
}

const installed = 'query { myInstallations(first: 100) { nodes { dApp { id } status } } }';

/** Installs a DApp for a patient or an institution, with every scope that it asks for; done before, it changes nothing. */
export async function install(
  as: As,
  { id: dapp, scopes }: Pick<DAppManifest, 'id' | 'scopes'>,
  holder: { readonly patient: string } | { readonly institution: string },
): Promise<void> {
  const client = await as(
    'patient' in holder ? `patient:${holder.patient}` : `operator:${holder.institution}`,
  );
  const { myInstallations } = await client.request<{
    myInstallations: { nodes: { dApp: { id: string } | null; status: string }[] };
  }>(installed);
  if (myInstallations.nodes.some((each) => each.dApp?.id === dapp && each.status === 'ACTIVE')) return;
  const asked = [...scopes.required, ...scopes.optional].map(({ id }) => id);
  const terms = 'institution' in holder ? { institution: holder.institution } : {};
  await client.request(
    'mutation($input: InstallDAppInput!) { installDApp(input: $input) { installation { status } } }',
    { input: { dapp, scopes: asked, ...terms } },
  );
}
