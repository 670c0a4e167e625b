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
