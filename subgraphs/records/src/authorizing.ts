/** From proposed entries to authorised ones that whoever was granted access can open. */
import {
  addKeys,
  type KeyGrant,
  maxKeys,
  provisionCovers,
  type RequestContext,
  rewrappedKeys,
  standingConsents,
} from '@medigraph/platform/graph';
import { type TransactionReference } from '@medigraph/platform/ledger';
import { type care } from '@medigraph/schema';
import { type EntryDocument } from './read-model.js';

/**
 * Authorises what is not authorised yet, with as many keys as one transaction carries, and adds the rest. Entries that an
 * earlier call authorised get their keys again: that call may have been cut off before the last of them.
 */
export async function authorize(
  context: RequestContext,
  patient: string,
  documents: readonly EntryDocument[],
  idempotencyKey: string | undefined,
): Promise<TransactionReference | undefined> {
  const keys = await keysFor(context, patient, documents);
  const open = documents.filter(({ status }) => status !== 'final' && status !== 'amended');
  if (open.length === 0) {
    await addKeys(context, keys);
    return documents[0]?.transaction;
  }
  const entries = open.map(({ id }) => id);
  const [theirs, others] = partition(keys, ({ entry }) => entries.includes(entry));
  const { transaction } = await context.commit(
    {
      contract: 'Records',
      transaction: 'AuthorizeEntries',
      argument: { entries, keys: theirs.slice(0, maxKeys) },
    },
    { idempotencyKey },
  );
  await addKeys(context, [...theirs.slice(maxKeys), ...others]);
  return transaction;
}

function partition<T>(items: readonly T[], belongs: (item: T) => boolean): [T[], T[]] {
  return [items.filter(belongs), items.filter((item) => !belongs(item))];
}

/** Keys of these entries for everyone whose standing consent covers them. */
export async function keysFor(
  context: RequestContext,
  patient: string,
  entries: readonly Pick<care.Entry, 'id' | 'category' | 'date'>[],
): Promise<care.GrantedKey[]> {
  const consents = await standingConsents(context, patient, new Date().toISOString());
  const grants = entries.flatMap((entry) =>
    consents
      .filter(({ provision }) => provisionCovers(provision, entry))
      .map(({ id, grantee }): KeyGrant => ({ entry: entry.id, consent: id, grantee })),
  );
  return rewrappedKeys(context, patient, grants);
}
