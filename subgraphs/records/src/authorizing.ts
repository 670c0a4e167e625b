/** From proposed entries to authorised ones that whoever was granted access can open. */
import {
  addKeys,
  KeptPatient,
  type KeyGrant,
  maxKeys,
  type RequestContext,
  rewrappedKeys,
} from '@medigraph/platform/graph';
import { type TransactionReference } from '@medigraph/platform/ledger';
import { type care } from '@medigraph/schema';
import { covering, type Grantees, writeForGrantees } from './grantees.js';
import { type EntryDocument } from './read-model.js';

/**
 * Authorises what is not authorised yet, with as many keys as one transaction carries, and adds the rest. Entries that an
 * earlier call authorised get their keys again: that call may have been cut off before the last of them.
 *
 * Somebody else than the patient does it in their name: a delegate has no key of what is not authorised yet, so the keys
 * come from the patient's own, which must be kept here.
 * @throws `KEY_NOT_FOUND`; `CALLER_FORBIDDEN` for who may not authorise in the patient's name.
 */
export async function authorize(
  context: RequestContext,
  patient: string,
  documents: readonly EntryDocument[],
  idempotencyKey: string | undefined,
): Promise<TransactionReference | undefined> {
  const kept = context.caller.patient === patient ? undefined : new KeptPatient(context, patient);
  return writeForGrantees(kept ?? context, patient, async (grantees) =>
    authorizeFor(context, { patient, kept }, documents, grantees, idempotencyKey),
  );
}

/** Whose entries, and their own keys if they are not the caller. */
interface Authorizing {
  readonly patient: string;
  readonly kept: KeptPatient | undefined;
}

async function authorizeFor(
  context: RequestContext,
  { patient, kept }: Authorizing,
  documents: readonly EntryDocument[],
  { granted, consents }: Grantees,
  idempotencyKey: string | undefined,
): Promise<TransactionReference | undefined> {
  const keys = await keysFor(context, { patient, kept }, documents, consents);
  const onBehalfOf = kept && patient;
  const open = documents.filter(({ status }) => status !== 'final' && status !== 'amended');
  if (open.length === 0) {
    await addKeys(context, keys, onBehalfOf);
    return documents[0]?.transaction;
  }
  const entries = open.map(({ id }) => id);
  const [theirs, others] = partition(keys, ({ entry }) => entries.includes(entry));
  const { transaction } = await context.commit(
    {
      contract: 'Records',
      transaction: 'AuthorizeEntries',
      argument: { entries, keys: theirs.slice(0, maxKeys), granted, ...(kept && { onBehalfOf: patient }) },
    },
    { idempotencyKey },
  );
  await addKeys(context, [...theirs.slice(maxKeys), ...others], onBehalfOf);
  return transaction;
}

function partition<T>(items: readonly T[], belongs: (item: T) => boolean): [T[], T[]] {
  return [items.filter(belongs), items.filter((item) => !belongs(item))];
}

/** Keys of these entries for everyone whose consent covers them. */
async function keysFor(
  context: RequestContext,
  { patient, kept }: Authorizing,
  entries: readonly care.IndexedEntry[],
  consents: readonly care.Consent[],
): Promise<care.GrantedKey[]> {
  const grants = entries.flatMap((entry) =>
    covering(consents, entry).map(({ id, grantee }): KeyGrant => ({ entry: entry.id, consent: id, grantee })),
  );
  return rewrappedKeys(context, patient, grants, kept && ((ids) => kept.contentKeys(ids)));
}
