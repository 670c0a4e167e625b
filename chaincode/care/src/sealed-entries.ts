import { type care } from '@medigraph/schema';
import { ContractError, demand, demandDistinct, sha256Of } from '@medigraph/chaincode-lib';
import { type CareContext } from './care-context.js';
import { type Acquisition, ofInstitution, ofPatient } from './provenance.js';

/** Whose an entry is, and in what state it begins. */
export type EntryOrigin = Pick<care.Entry, 'patient' | 'institution' | 'class' | 'status' | 'provenance'>;

/**
 * Stores new entries: index, sealed body, and keys for patient and holder, each under a key of its own.
 * @throws {@link ContractError} `ARGUMENT_INVALID` for a digest that is not the body's, or a key for someone else;
 *   `KEY_MISSING` without a key for patient or holder; `ENTRY_EXISTS`.
 */
export async function storeEntries(
  ctx: CareContext,
  proposed: readonly care.ProposedEntry[],
  origin: EntryOrigin,
): Promise<care.Entry[]> {
  const { patient, institution } = origin;
  demandDistinct(
    proposed.map(({ id }) => id),
    (index) => `entries.${index}.id`,
  );
  proposed.forEach((entry, index) => {
    demandSealed(entry, `entries.${index}`, new Set([patient, institution]));
  });
  await demandNewEntries(
    ctx,
    patient,
    proposed.map(({ id }) => id),
  );
  const entries = proposed.map(({ id, resourceType, category, date, size, sha256, attachment }) => ({
    ...origin,
    id,
    resourceType,
    category,
    date,
    size,
    sha256,
    ...(attachment && { attachment }),
    recordedAt: ctx.now,
  }));
  await Promise.all([
    ...entries.map((entry) => ctx.entries.put(entry, patient, entry.id)),
    ...proposed.flatMap(({ id, body, keys }) => [
      ctx.bodies.put(body, patient, id),
      ctx.ownKeys.put(keys, patient, id),
    ]),
  ]);
  return entries;
}

function demandSealed(entry: care.ProposedEntry, path: string, recipients: ReadonlySet<string>): void {
  demand(
    sha256Of(entry.body) === entry.sha256,
    'ARGUMENT_INVALID',
    `${path}.sha256: is not the SHA-256 digest of the body`,
  );
  demandKeysOfParties(entry.keys, path, recipients);
}

/**
 * A key for patient and holder, and for nobody else.
 * @throws {@link ContractError} `KEY_MISSING`, `ARGUMENT_INVALID`.
 */
export function demandKeysOfParties(
  keys: care.ProposedEntry['keys'],
  path: string,
  recipients: ReadonlySet<string>,
): void {
  for (const recipient of recipients)
    demand(Object.hasOwn(keys, recipient), 'KEY_MISSING', `${path}.keys: holds no key for ${recipient}`);
  for (const recipient of Object.keys(keys))
    if (!recipients.has(recipient))
      // Anyone else gets a key by the patient's consent only.
      throw new ContractError(
        'ARGUMENT_INVALID',
        `${path}.keys.${recipient}: only patient and holder have a key from the start`,
      );
}

/**
 * An id names one entry for good, also after it was erased.
 * @throws {@link ContractError} `ENTRY_EXISTS`.
 */
export async function demandNewEntries(
  ctx: CareContext,
  patient: string,
  ids: readonly string[],
): Promise<void> {
  const known = await Promise.all(
    ids.map(async (id) => (await ctx.entries.get(patient, id)) ?? (await ctx.erasures.get(patient, id))),
  );
  known.forEach((one, index) => {
    demand(!one, 'ENTRY_EXISTS', `entry ${ids[index] ?? ''} exists`);
  });
}

/** Institutions that may hold records. */
export const holders: ReadonlySet<string> = new Set(['hospital', 'research']);

/** What holds of all that a patient writes about themself. */
export function ownOrigin(patient: string): EntryOrigin {
  return {
    patient,
    institution: patient,
    class: 'personal',
    status: 'final',
    provenance: ofPatient(patient),
  };
}

/** What holds of all that an institution proposes. */
export async function proposedOrigin(
  ctx: CareContext,
  { patient, institution, ...acquired }: { patient: string; institution: string } & Acquisition,
): Promise<EntryOrigin> {
  const provenance = await ofInstitution(ctx, institution, acquired);
  return { patient, institution, class: 'clinical', status: 'preliminary', provenance };
}

/**
 * That the caller's institution may store entries of the patient.
 * @throws {@link ContractError} `INSTITUTION_NOT_FOUND`, `CALLER_FORBIDDEN`, `PATIENT_NOT_FOUND`, `STORAGE_NOT_AUTHORIZED`.
 */
export async function demandStorage(ctx: CareContext, patient: string, institution: string): Promise<void> {
  const holder = await ctx.institutionOfCaller(institution);
  demand(holders.has(holder.kind), 'CALLER_FORBIDDEN', `institution ${institution} is no holder of records`);
  await ctx.activePatient(patient);
  const storage = await ctx.storageAuthorizations.get(patient, institution);
  demand(
    storage?.active === true,
    'STORAGE_NOT_AUTHORIZED',
    `patient ${patient} does not let institution ${institution} store entries`,
  );
}
