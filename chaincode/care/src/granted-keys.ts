import { type care } from '@medigraph/schema';
import { ContractError, demand, demandDistinct } from '@medigraph/chaincode-lib';
import { type CareContext } from './care-context.js';
import { covers, isReadable } from './consent-rules.js';
import { entryNotFound } from './entry-reader.js';

type Key = Omit<care.GrantedKey, 'consent'>;

/**
 * Stores keys for a consent's grantee.
 * @throws {@link ContractError} `ENTRY_NOT_FOUND`, `ENTRY_STATE_INVALID` for one that grantees may not read,
 *   `CONSENT_NOT_COVERING`.
 */
export async function grantKeys(
  ctx: CareContext,
  consent: care.Consent,
  keys: readonly Key[],
): Promise<void> {
  demandDistinct(
    keys.map(({ entry }) => entry),
    (index) => `keys.${index}.entry`,
  );
  const entries = await Promise.all(keys.map(({ entry }) => ctx.entries.get(consent.patient, entry)));
  keys.forEach(({ entry: id }, index) => {
    const entry = entries[index];
    if (!entry) throw entryNotFound(id);
    demand(isReadable(entry), 'ENTRY_STATE_INVALID', `entry ${id} is ${entry.status}: no key can be granted`);
    demandCovered(consent, entry);
  });
  await Promise.all(keys.map(({ entry, key }) => putKey(ctx, consent, entry, key)));
}

/**
 * Refuses keys that were wrapped before the patient's last grant: whom it granted to would have none.
 * @param granted - the patient's last grant as whoever wrapped the keys knew it.
 * @throws {@link ContractError} `GRANTS_CHANGED`.
 */
export async function demandGrants(
  ctx: CareContext,
  patient: string,
  granted: string | undefined,
): Promise<void> {
  if (granted === undefined) return;
  demand(
    (await ctx.lastGrant(patient)) === granted,
    'GRANTS_CHANGED',
    `patient ${patient} has granted access since ${granted}`,
  );
}

/** Keys that come with an authorisation: for entries authorised here, under active consents that cover them. */
export async function grantKeysOfEntries(
  ctx: CareContext,
  patient: string,
  keys: readonly care.GrantedKey[],
  authorized: readonly care.Entry[],
): Promise<void> {
  demandDistinct(
    keys.map(({ consent, entry }) => `${consent}/${entry}`),
    (index) => `keys.${index}`,
  );
  const ids = [...new Set(keys.map(({ consent }) => consent))];
  const consents = new Map(
    (await Promise.all(ids.map((id) => ctx.consentOfPatient(id, patient)))).map((one) => [one.id, one]),
  );
  const entries = new Map(authorized.map((entry) => [entry.id, entry]));
  keys.forEach(({ consent: consentId, entry: entryId }, index) => {
    const entry = entries.get(entryId);
    if (!entry)
      throw new ContractError('ARGUMENT_INVALID', `keys.${index}.entry: ${entryId} is not authorised here`);
    const consent = consents.get(consentId);
    demand(consent?.status === 'active', 'CONSENT_STATE_INVALID', `consent ${consentId} is not active`);
    demandCovered(consent, entry);
  });
  await Promise.all(
    keys.map(async ({ consent: id, entry, key }) => {
      const consent = consents.get(id);
      if (consent) await putKey(ctx, consent, entry, key);
    }),
  );
}

/** Stores one key for a consent's grantee. */
export async function putKey(
  ctx: CareContext,
  { id, patient, grantee }: care.Consent,
  entry: string,
  key: string,
): Promise<void> {
  await Promise.all([
    ctx.grantedKeys.put(key, id, entry),
    ctx.keyHolders.put(id, patient, entry, grantee, id),
  ]);
}

/** Removes every key that a consent gave. */
export async function removeKeysOfConsent(
  ctx: CareContext,
  { id, patient, grantee }: care.Consent,
): Promise<void> {
  const keys = await ctx.grantedKeys.keys(id);
  await Promise.all(
    keys.flatMap(([entry = '']) => [
      ctx.grantedKeys.delete(id, entry),
      ctx.keyHolders.delete(patient, entry, grantee, id),
    ]),
  );
}

/** Removes every key of an entry that any consent gave. */
export async function removeKeysOfEntry(ctx: CareContext, patient: string, entry: string): Promise<void> {
  const holders = await ctx.keyHolders.keys(patient, entry);
  await Promise.all(
    holders.flatMap(([grantee = '', consent = '']) => [
      ctx.grantedKeys.delete(consent, entry),
      ctx.keyHolders.delete(patient, entry, grantee, consent),
    ]),
  );
}

/** @throws {@link ContractError} `CONSENT_NOT_COVERING`. */
export function demandCovered(consent: care.Consent, entry: care.Entry): void {
  if (!covers(consent.provision, entry))
    throw new ContractError('CONSENT_NOT_COVERING', `consent ${consent.id} does not cover entry ${entry.id}`);
}
