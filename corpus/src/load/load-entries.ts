import { care, type EntryStatus } from '@medigraph/schema';
import pMap from 'p-map';
import { batchesOf } from './batches.js';
import { groupBy } from './group-by.js';
import { type LoadContext } from './load-context.js';
import { type EnrolledPatient } from './patients.js';
import { required } from './required.js';
import { type PlannedEntry } from './record-plan.js';

const limit = { items: care.maxBatch, bytes: 512 * 1024 };
const batchesInFlight = 6;
const pageSize = 1000;

interface Page {
  readonly items: readonly care.Entry[];
  readonly bookmark?: string | undefined;
}

/** The status of every entry that the ledger has of a patient, by id. */
export async function entriesOnLedger(
  patient: EnrolledPatient,
  { suites }: LoadContext,
): Promise<Map<string, EntryStatus>> {
  const found = new Map<string, EntryStatus>();
  let bookmark: string | undefined;
  do {
    const page: Page = await suites.evaluate({
      suite: suites.care,
      name: 'Records:EntriesOf',
      argument: { patient: patient.recipient.id, pageSize, ...(bookmark && { bookmark }) },
      signer: patient.identity,
    });
    for (const { id, status } of page.items) found.set(id, status);
    bookmark = page.bookmark;
  } while (bookmark);
  return found;
}

/**
 * Has each entry proposed by its holder and authorised by the patient, whatever of that is not done yet. A transaction
 * is all or nothing, and what is on the ledger says where to go on: proposed entries are only authorised.
 */
export async function loadEntries(
  entries: readonly PlannedEntry[],
  onLedger: ReadonlyMap<string, EntryStatus>,
  patient: EnrolledPatient,
  context: LoadContext,
  onDone: (entries: number) => void,
): Promise<void> {
  const holders = groupBy(entries, ({ institution }) => institution);
  const batches = [...holders.values()].flatMap((held) => batchesOf(held, limit));
  await pMap(
    batches,
    async (batch) => {
      await propose(
        batch.filter(({ id }) => !onLedger.has(id)),
        patient,
        context,
      );
      await authorize(
        batch.filter(({ id }) => (onLedger.get(id) ?? 'preliminary') === 'preliminary'),
        patient,
        context,
      );
      onDone(batch.length);
    },
    { concurrency: batchesInFlight, ...(context.signal && { signal: context.signal }) },
  );
}

/** All of one holder. */
async function propose(
  batch: readonly PlannedEntry[],
  patient: EnrolledPatient,
  { suites, custody, envelopes, institutions, recipients, sealing }: LoadContext,
): Promise<void> {
  const [first] = batch;
  if (first === undefined) return;
  const { institution } = first;
  const holder = required(recipients.get(institution), `key of ${institution}`);
  const { mspId } = required(institutions.get(institution), `institution ${institution}`);
  const seal = async ({
    id,
    resourceType,
    category,
    date,
    bytes,
  }: PlannedEntry): Promise<care.ProposedEntry> => {
    const { size, sha256, body, keys } = await envelopes.seal(id, bytes, [patient.recipient, holder]);
    return { id, resourceType, category, date, size, sha256, body, keys };
  };
  const entries = await sealing(() => Promise.all(batch.map(seal)));
  await suites.submit({
    suite: suites.care,
    name: 'Records:ProposeEntries',
    argument: { patient: patient.recipient.id, institution, entries },
    signer: await custody.organization(mspId),
  });
}

async function authorize(
  batch: readonly PlannedEntry[],
  patient: EnrolledPatient,
  { suites }: LoadContext,
): Promise<void> {
  if (batch.length === 0) return;
  await suites.submit({
    suite: suites.care,
    name: 'Records:AuthorizeEntries',
    argument: { entries: batch.map(({ id }) => id) },
    signer: patient.identity,
  });
}
