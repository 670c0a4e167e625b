/** How a patient gives keys with their consents: from what the ledger's index covers to the last wrapped key. */
import { type Committed } from '../ledger/index.js';
import { type care } from '@medigraph/schema';
import { provisionCovers } from './coverage.js';
import { KeptPatient } from './kept-patient.js';
import { addKeys, type KeyOpener, type LedgerReader, maxKeys, rewrappedKeys } from './key-sharing.js';
import { type RequestContext } from './request-context.js';

/** A patient whose consents are decided about, by themself or by someone on their behalf. */
export interface Decider {
  readonly patient: string;
  readonly onBehalfOf?: string;
}

type Reference = Committed<unknown>['transaction'];
type Key = Omit<care.GrantedKey, 'consent'>;

interface IndexPage {
  readonly items: readonly care.Entry[];
  readonly bookmark?: string;
}

const indexPageSize = 1000;

/** What a new consent says, of which only the decision is made on the ledger. */
export type NewConsent = Pick<care.Consent, 'id' | 'grantee' | 'period' | 'provision'> & {
  readonly reason?: string;
  readonly delegation?: care.Delegation;
};

/** Makes a consent that nobody asked for, with the keys of what it covers: an offer, or a delegation. */
export async function offer(
  context: RequestContext,
  decider: Decider,
  { delegation, ...terms }: NewConsent,
  idempotencyKey: string | undefined,
): Promise<Reference> {
  const keys = await keysOf(context, decider, terms);
  return withKeys(context, decider, terms, keys, async (first) => {
    const { transaction } = await context.commit(
      delegation
        ? { contract: 'Access', transaction: 'Delegate', argument: { ...terms, delegation, keys: first } }
        : {
            contract: 'Access',
            transaction: 'Offer',
            argument: { ...behalfOf(decider), consents: [{ ...terms, keys: first }] },
          },
      { idempotencyKey },
    );
    return transaction;
  });
}

/**
 * Makes a delegate of a person, as the organisation that enrolled the patient. Keys come from the patient's own, where they
 * are kept here.
 * @throws `KEY_NOT_FOUND` for a patient who keeps their keys themself, and so delegates themself.
 */
export async function appoint(
  context: RequestContext,
  patient: string,
  terms: NewConsent,
  idempotencyKey: string | undefined,
): Promise<Reference> {
  const kept = new KeptPatient(context, patient);
  const source: KeySource = { reader: kept, open: (entries) => kept.contentKeys(entries) };
  const keys = await keysOf(context, { patient }, terms, { source });
  return withKeys(
    context,
    { patient },
    terms,
    keys,
    async (first) => {
      const { transaction } = await context.commit(
        { contract: 'Access', transaction: 'Delegate', argument: { ...terms, patient, keys: first } },
        { idempotencyKey },
      );
      return transaction;
    },
    source,
  );
}

/** Has a transaction carry as many keys as it may, and adds the others after it. */
export async function withKeys(
  context: RequestContext,
  decider: Decider,
  terms: KeyTerms,
  keys: readonly care.GrantedKey[],
  commit: (first: Key[]) => Promise<Reference>,
  source?: KeySource,
): Promise<Reference> {
  const transaction = await commit(keys.slice(0, maxKeys).map(({ entry, key }) => ({ entry, key })));
  // What was authorised since the index was read, and before the grant, has no key yet; what comes after it brings one.
  const known = new Set(keys.map(({ entry }) => entry));
  const late = await keysOf(context, decider, terms, { known, source });
  await addKeys(context, [...keys.slice(maxKeys), ...late], decider.onBehalfOf);
  return transaction;
}

/** In whose name, as contracts are told it. */
export const behalfOf = ({ onBehalfOf }: Decider): { onBehalfOf?: string } =>
  onBehalfOf === undefined ? {} : { onBehalfOf };

/** What says which keys a consent gives, and to whom. */
export type KeyTerms = Pick<care.Consent, 'id' | 'grantee' | 'provision'>;

/** Who lists the entries, and who opens their keys; the caller, if nobody is named. */
interface KeySource {
  readonly reader: LedgerReader;
  readonly open: KeyOpener;
}

/** The keys of what a consent covers, wrapped for its grantee, but for entries that are known to have theirs. */
export async function keysOf(
  context: RequestContext,
  { patient }: Decider,
  { id, grantee, provision }: KeyTerms,
  { known = new Set(), source }: { known?: ReadonlySet<string>; source?: KeySource | undefined } = {},
): Promise<care.GrantedKey[]> {
  const entries = await coveredEntries(source?.reader ?? context, patient, provision);
  return rewrappedKeys(
    context,
    patient,
    entries.flatMap(({ id: entry }) => (known.has(entry) ? [] : [{ entry, consent: id, grantee }])),
    source?.open,
  );
}

/** The authorised entries that the provision covers, from the ledger's own index. */
async function coveredEntries(
  reader: LedgerReader,
  patient: string,
  provision: care.Provision,
): Promise<care.Entry[]> {
  const covered: care.Entry[] = [];
  let bookmark: string | undefined;
  do {
    const page: IndexPage = await reader.evaluate<IndexPage>({
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
