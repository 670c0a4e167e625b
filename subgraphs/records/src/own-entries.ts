/** What a patient writes about themself: sealed for them and for whoever they have granted access. */
import { addKeys } from '@medigraph/platform/graph';
import { type Committed } from '@medigraph/platform/ledger';
import { care } from '@medigraph/schema';
import { type FhirResource } from '@medigraph/schema/scalars';
import { type RecordsContext } from './context.js';
import { firstKeys, grantedKeysOf, granteeRecipients, writeForGrantees } from './grantees.js';
import { writeInParts } from './large/writing-in-parts.js';
import { checkedContents, identified, sealedEntries } from './sealing.js';

/** Adds records of the patient's own. */
export async function addOwnEntries(
  context: RecordsContext,
  patient: string,
  resources: readonly FhirResource[],
  idempotencyKey: string | undefined,
): Promise<Committed<care.Entry[]>> {
  const contents = identified(
    context,
    await checkedContents(context, resources, { patient, byIdentifier: true }, context.limits.resourceBytes),
    idempotencyKey,
  );
  const own = { id: patient, key: await context.encryptionKeyOf({ patient }) };
  return writeForGrantees(context, patient, async ({ granted, consents }) => {
    const sealed = await sealedEntries(context, contents, async (entry) => [
      own,
      ...(await granteeRecipients(context, consents, entry)),
    ]);
    const keys = sealed.flatMap((entry) => grantedKeysOf(consents, entry, entry.keys));
    return commitOwn(context, patient, sealed, keys, granted, idempotencyKey);
  });
}

/** Puts sealed entries on the ledger, with as many keys as one transaction carries, and adds the rest. */
export async function commitOwn(
  context: RecordsContext,
  patient: string,
  sealed: readonly care.ProposedEntry[],
  keys: readonly care.GrantedKey[],
  granted: string,
  idempotencyKey: string | undefined,
): Promise<Committed<care.Entry[]>> {
  const [first, rest] = firstKeys(keys);
  // The ledger has the patient's own key apart from those that consents give.
  const entries = sealed.map((entry) => ({ ...entry, keys: { [patient]: entry.keys[patient] ?? '' } }));
  const [large] = entries;
  if (large && care.isInParts(large.body)) {
    const written = await writeInParts(
      context,
      { patient, entry: large, keys: first, granted },
      idempotencyKey,
    );
    await addKeys(context, rest);
    return written;
  }
  const committed = await context.commit<care.Entry[]>(
    {
      contract: 'Records',
      transaction: 'AddPersonalEntries',
      argument: { entries, keys: first, granted },
    },
    { idempotencyKey },
  );
  await addKeys(context, rest);
  return committed;
}
