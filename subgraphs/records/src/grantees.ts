/** Who has been granted access at the moment of writing, and keys for them. */
import { PlatformError } from '@medigraph/platform/errors';
import { type Recipient } from '@medigraph/platform/envelope';
import {
  type LedgerReader,
  maxKeys,
  provisionCovers,
  type RequestContext,
  standingConsents,
} from '@medigraph/platform/graph';
import { type care } from '@medigraph/schema';

/** What has to be known of a consent to wrap keys for its grantee. */
export type Grant = Pick<care.Consent, 'id' | 'grantee' | 'provision'>;

/** A patient's grants as they stood at one moment, and its name on the ledger. */
export interface Grantees<Each extends Grant = care.Consent> {
  readonly granted: string;
  readonly consents: readonly Each[];
}

/** What may be refused because a grant or a revocation came between. */
const overtaken: ReadonlySet<string> = new Set(['GRANTS_CHANGED', 'CONSENT_STATE_INVALID']);
const mostTries = 8;

/**
 * Writes with keys for everybody who has been granted access. If somebody is granted access, or loses it, before it is
 * written, the ledger refuses it and it is done again for those who have it then.
 * @param reader - who may ask whom the patient grants access.
 */
export function writeForGrantees<T>(
  reader: LedgerReader,
  patient: string,
  write: (grantees: Grantees) => Promise<T>,
): Promise<T> {
  return writeAsGranted(async () => {
    // Asked before the consents are: a grant that comes between is then one too many, never one too few.
    const { granted } = await reader.evaluate<care.GrantsState>({
      contract: 'Records',
      transaction: 'GrantsOf',
      argument: { patient },
    });
    return { granted, consents: await standingConsents(reader, patient, new Date().toISOString()) };
  }, write);
}

/** {@link writeForGrantees}, for whoever finds the grants in another way. */
export async function writeAsGranted<Found extends Grantees<Grant>, T>(
  find: () => Promise<Found>,
  write: (found: Found) => Promise<T>,
): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    const found = await find();
    try {
      return await write(found);
    } catch (error) {
      const again = error instanceof PlatformError && overtaken.has(error.code);
      if (!again || tries === mostTries) throw error;
    }
  }
}

/** The consents that open an entry. */
export function covering<Each extends Pick<Grant, 'provision'>>(
  consents: readonly Each[],
  entry: care.IndexedEntry,
): Each[] {
  return consents.filter(({ provision }) => provisionCovers(provision, entry));
}

/** The grantees among the recipients of an entry, each once. */
export function granteeRecipients(
  context: RequestContext,
  consents: readonly Grant[],
  entry: care.IndexedEntry,
): Promise<Recipient[]> {
  const grantees = new Set(covering(consents, entry).map(({ grantee }) => grantee));
  return Promise.all([...grantees].map((id) => recipientOf(context, id)));
}

/** Keys by recipient as keys by consent. */
export function grantedKeysOf(
  consents: readonly Grant[],
  entry: care.IndexedEntry,
  keys: Readonly<Record<string, string>>,
): care.GrantedKey[] {
  return covering(consents, entry).flatMap(({ id: consent, grantee }) => {
    const key = keys[grantee];
    return key === undefined ? [] : [{ entry: entry.id, consent, key }];
  });
}

/** What one transaction carries of the keys, and what comes after it. */
export function firstKeys(keys: readonly care.GrantedKey[]): [care.GrantedKey[], care.GrantedKey[]] {
  return [keys.slice(0, maxKeys), keys.slice(maxKeys)];
}

async function recipientOf(context: RequestContext, id: string): Promise<Recipient> {
  const party = /^[0-9a-f]{40}$/.test(id) ? { patient: id } : { institution: id };
  return { id, key: await context.encryptionKeyOf(party) };
}
