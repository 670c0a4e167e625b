/** Entries whose sealed bodies are too large for one transaction: begun, brought part by part, completed. */
import { PlatformError } from '@medigraph/platform/errors';
import { EntryBeingWritten } from '@medigraph/platform/graph';
import { type Committed } from '@medigraph/platform/ledger';
import { care } from '@medigraph/schema';
import { type RecordsContext } from '../context.js';
import { type DraftLease } from './draft-store.js';

export interface EntryCall {
  readonly contract: string;
  readonly transaction: string;
  readonly argument: unknown;
}

/** Whoever writes to the ledger: the caller, or the sweep in the name of who began a draft. */
export interface EntryWriter {
  submit<T>(call: EntryCall): Promise<Committed<T>>;
}

/** Parts that are under way at once: a peer has no more of them in memory. */
const atOnce = 4;

/** Whose the entry is, who holds it, and what it comes with. */
export interface LargeEntry extends Omit<care.BeginEntry, 'entry' | 'parts'> {
  readonly entry: care.ProposedEntry;
  /** Of a patient's own entry: keys for grantees, and for which state of the grants they are. */
  readonly keys?: readonly care.GrantedKey[];
  readonly granted?: string;
}

/**
 * Writes one entry in parts. Nobody sees anything of it before the last transaction; what breaks off before is cleared
 * away here, or by the sweep of drafts where that cannot be.
 * @throws `ENTRY_EXISTS`, `ENTRY_BEING_WRITTEN`, and what the contract refuses.
 */
export async function writeInParts(
  context: RecordsContext,
  large: LargeEntry,
  idempotencyKey?: string,
): Promise<Committed<care.Entry[]>> {
  const { patient, institution, entry } = large;
  const { mspId } = context.caller;
  const lease = await context.drafts.take({ patient, entry: entry.id, mspId, institution });
  try {
    const completion = {
      contract: 'Records',
      transaction: 'CompleteEntry',
      argument: { patient, entry: entry.id, keys: large.keys, granted: large.granted },
    };
    // Sent once more under its key, it is answered as it was the first time.
    const isNew = await begun(context, large, idempotencyKey !== undefined);
    if (isNew) await bring(context, large, lease);
    const { result, ...rest } = await context.commit<care.Entry>(completion, { idempotencyKey });
    await lease.end();
    return { result: [result], ...rest };
  } catch (error) {
    // Whatever it was that failed is what is told; the draft stays noted if it cannot be discarded now.
    await abandon(context, { patient, entry: entry.id }, lease).catch(() => undefined);
    throw error;
  }
}

/** Clears away what was begun, unless somebody else goes on with it. */
async function abandon(
  context: RecordsContext,
  draft: { readonly patient: string; readonly entry: string },
  lease: DraftLease,
): Promise<void> {
  if (!(await lease.touch())) return;
  await discardDraft(context, draft);
  await lease.end();
}

/** @returns false if the entry is there already and that is what was to be. */
async function begun(
  context: RecordsContext,
  { patient, institution, method, source, entry }: LargeEntry,
  mayExist: boolean,
): Promise<boolean> {
  const { body, attachment: _none, ...index } = entry;
  const begin = () =>
    context.submit({
      contract: 'Records',
      transaction: 'BeginEntry',
      argument: { patient, institution, method, source, entry: index, parts: care.bodyParts(body).length },
    });
  try {
    await begin();
    return true;
  } catch (error) {
    if (!hasCode(error, 'ENTRY_EXISTS')) throw error;
    // Its writer died, which the lease shows: what it left is of another key and useless.
    if (await discardDraft(context, { patient, entry: entry.id })) {
      await begin();
      return true;
    }
    if (!mayExist) throw error;
    return false;
  }
}

async function bring(
  context: RecordsContext,
  { patient, entry: { id, body } }: LargeEntry,
  lease: DraftLease,
): Promise<void> {
  const parts = [...care.bodyParts(body).entries()];
  for (let first = 0; first < parts.length; first += atOnce) {
    const some = parts.slice(first, first + atOnce);
    await Promise.all(
      some.map(([part, text]) =>
        context.submit({
          contract: 'Records',
          transaction: 'AppendBody',
          argument: { patient, entry: id, part, body: text },
        }),
      ),
    );
    if (!(await lease.touch())) throw new EntryBeingWritten(id);
  }
}

/** Discards what was begun, as its writer. @returns false if nothing was, or it is complete. */
export async function discardDraft(
  writer: EntryWriter,
  argument: { readonly patient: string; readonly entry: string },
): Promise<boolean> {
  try {
    await writer.submit({ contract: 'Records', transaction: 'DiscardEntry', argument });
    return true;
  } catch (error) {
    if (hasCode(error, 'DRAFT_NOT_FOUND')) return false;
    throw error;
  }
}

const hasCode = (error: unknown, code: string): boolean =>
  error instanceof PlatformError && error.code === code;
