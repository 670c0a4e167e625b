/** A grant, from what the ledger's index covers to the last wrapped key. */
import { isDeepStrictEqual } from 'node:util';
import { addKeys, maxKeys, provisionCovers, rewrappedKeys } from '@medigraph/platform/graph';
import { type Committed } from '@medigraph/platform/ledger';
import { type care } from '@medigraph/schema';
import { type z } from 'zod';
import { type ConsentContext } from './context.js';
import { ConsentStateInvalid } from './errors.js';

/** What the patient takes away from a request. */
export type Narrowed = NonNullable<z.infer<typeof care.grantAccess>['narrowed']>;

interface IndexPage {
  readonly items: readonly care.Entry[];
  readonly bookmark?: string;
}

const indexPageSize = 1000;

/**
 * Grants what was asked, or less: the consent with as many keys as its transaction carries, the rest after it. A grant
 * that was cut off goes on where it is called again with the same terms.
 * @throws `CONSENT_NOT_FOUND`, `CONSENT_STATE_INVALID`, `CONSENT_NOT_NARROWER`.
 */
export async function grant(
  context: ConsentContext,
  patient: string,
  id: string,
  narrowed: Narrowed | undefined,
  idempotencyKey: string | undefined,
): Promise<Committed<care.Consent>['transaction'] | undefined> {
  const asked = await context.evaluate<care.Consent>({
    contract: 'Access',
    transaction: 'ReadConsent',
    argument: { consent: id },
  });
  const terms: care.Consent = { ...asked, ...narrowed };
  const resumed = asked.status === 'active';
  if (resumed && !isDeepStrictEqual(terms, asked))
    throw new ConsentStateInvalid(`Consent ${id} is granted on other terms; revoke it first.`);
  const entries = await coveredEntries(context, patient, terms.provision);
  const keys = await rewrappedKeys(
    context,
    patient,
    entries.map((entry) => ({ entry: entry.id, consent: id, grantee: asked.grantee })),
  );
  if (resumed) {
    await addKeys(context, keys);
    return undefined;
  }
  const { transaction } = await context.commit(
    {
      contract: 'Access',
      transaction: 'Grant',
      argument: {
        consent: id,
        ...(narrowed && { narrowed }),
        keys: keys.slice(0, maxKeys).map(({ entry, key }) => ({ entry, key })),
      },
    },
    { idempotencyKey },
  );
  // What was authorised since the index was read, and before the grant, has no key yet; what comes after it brings one.
  const known = new Set(entries.map((entry) => entry.id));
  const since = (await coveredEntries(context, patient, terms.provision)).filter(
    ({ id: entry }) => !known.has(entry),
  );
  const late = await rewrappedKeys(
    context,
    patient,
    since.map((entry) => ({ entry: entry.id, consent: id, grantee: asked.grantee })),
  );
  await addKeys(context, [...keys.slice(maxKeys), ...late]);
  return transaction;
}

/** The authorised entries that the provision covers, from the ledger's own index. */
async function coveredEntries(
  context: ConsentContext,
  patient: string,
  provision: care.Provision,
): Promise<care.Entry[]> {
  const covered: care.Entry[] = [];
  let bookmark: string | undefined;
  do {
    const page: IndexPage = await context.evaluate<IndexPage>({
      contract: 'Records',
      transaction: 'EntriesOf',
      argument: { patient, pageSize: indexPageSize, ...(bookmark !== undefined && { bookmark }) },
    });
    covered.push(
      ...page.items.filter(
        (entry) =>
          (entry.status === 'final' || entry.status === 'amended') && provisionCovers(provision, entry),
      ),
    );
    bookmark = page.bookmark;
  } while (bookmark !== undefined);
  return covered;
}
