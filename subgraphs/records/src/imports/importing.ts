/** Storing what was judged: each resource once, however often it is sent. */
import { createHash } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { entryGraphId, type RequestContext } from '@medigraph/platform/graph';
import { PlatformError } from '@medigraph/platform/errors';
import { type Recipient } from '@medigraph/platform/envelope';
import { canonicalBytes, entryOf, type R4Resource } from '@medigraph/platform/fhir';
import { type TransactionReference } from '@medigraph/platform/ledger';
import { care } from '@medigraph/schema';
import { type RecordsContext } from '../context.js';
import { type EntryDocument } from '../read-model.js';
import { type Candidate, type Refusal } from './candidates.js';

/** Whose records are written, how they are sealed, and by which transaction they come to the ledger. */
export interface ImportTarget {
  readonly patient: string;
  readonly recipients: readonly Recipient[];
  /** Says of two resources whether they are one; by default the same content is. */
  readonly identityOf?: (resource: R4Resource) => string;
  store(entries: readonly care.ProposedEntry[]): Promise<TransactionReference>;
}

/** What became of one resource. */
export interface ImportOutcome {
  readonly index: number;
  readonly status: 'stored' | 'existing' | 'refused';
  readonly entry?: EntryDocument;
  readonly refusal?: Refusal;
}

interface Pending {
  readonly index: number;
  /** Of the entry on the ledger. */
  readonly id: string;
  readonly resource: R4Resource;
  readonly plaintext: Uint8Array;
}

const readModelPatienceMs = 10_000;
const pollMs = 50;

/** Bytes of plaintext that one transaction carries easily; a larger resource is a batch of its own, and brought in parts. */
const maxTransactionBytes = 4_000_000;

/**
 * Stores the resources that were not refused, as many in a transaction as it carries. A transaction is stored whole or not at
 * all; which ones were is in the outcomes, and sending everything again stores what is missing and nothing twice.
 */
export async function importCandidates(
  context: RecordsContext,
  target: ImportTarget,
  candidates: readonly Candidate[],
): Promise<ImportOutcome[]> {
  const stored = new Set<string>();
  const ids = new Map<number, string>();
  const wanted = new Map<string, Pending>();
  for (const candidate of candidates) {
    if (candidate.refusal) continue;
    const { index, resource } = candidate;
    const plaintext = canonicalBytes(resource);
    const id = entryIdOf(context, target, resource, plaintext);
    ids.set(index, id);
    if (!wanted.has(id)) wanted.set(id, { index, id, resource, plaintext });
  }
  for (const batch of batchesOf([...wanted.values()])) await storeBatch(context, target, batch, stored);
  const documents = await settledEntriesOf(context, target.patient, [...wanted.keys()]);
  return candidates.map(({ index, refusal }) => {
    if (refusal) return { index, status: 'refused', refusal };
    const id = ids.get(index) ?? '';
    const isStored = stored.has(id) && wanted.get(id)?.index === index;
    return { index, status: isStored ? 'stored' : 'existing', entry: documents.get(id) };
  });
}

/** Nobody without the key of this house can tell from an id what it stands for, and the same resource has the same. */
function entryIdOf(
  { services, caller }: RequestContext,
  { patient, identityOf }: ImportTarget,
  resource: R4Resource,
  plaintext: Uint8Array,
): string {
  const identity = identityOf?.(resource) ?? createHash('sha256').update(plaintext).digest('hex');
  const source = caller.institution ?? caller.subject;
  return services.custody.keyedHash('import', JSON.stringify([source, patient, identity])).slice(0, 32);
}

function batchesOf(pending: readonly Pending[]): Pending[][] {
  const batches: Pending[][] = [];
  let room = 0;
  for (const one of pending) {
    const batch = batches.at(-1);
    if (batch === undefined || batch.length === care.maxBatch || one.plaintext.byteLength > room) {
      batches.push([one]);
      room = maxTransactionBytes - one.plaintext.byteLength;
    } else {
      batch.push(one);
      room -= one.plaintext.byteLength;
    }
  }
  return batches;
}

async function storeBatch(
  context: RecordsContext,
  target: ImportTarget,
  batch: readonly Pending[],
  stored: Set<string>,
): Promise<void> {
  let missing = await withoutExisting(context, target, batch);
  while (missing.length > 0) {
    const entries = await Promise.all(missing.map((one) => sealed(context, target, one)));
    try {
      await target.store(entries);
      for (const { id } of missing) stored.add(id);
      return;
    } catch (error) {
      // Someone sends the same at the same time: what they stored is there, the rest is still to be stored.
      if (!(error instanceof PlatformError) || error.code !== 'ENTRY_EXISTS') throw error;
      const left = await withoutStored(context, target, missing);
      if (left.length === missing.length) throw error;
      missing = left;
    }
  }
}

async function withoutExisting(
  context: RecordsContext,
  { patient }: ImportTarget,
  batch: readonly Pending[],
): Promise<Pending[]> {
  const known = await entriesOf(
    context,
    patient,
    batch.map(({ id }) => id),
  );
  return batch.filter(({ id }) => !known.has(id));
}

/** Asks the ledger itself: the read model may be a block behind. */
async function withoutStored(
  context: RecordsContext,
  { patient }: ImportTarget,
  batch: readonly Pending[],
): Promise<Pending[]> {
  const missing: Pending[] = [];
  for (const one of batch) {
    const argument = { patient, entry: one.id, sha256: '0'.repeat(64) };
    const isThere = await context
      .evaluate({ contract: 'Records', transaction: 'VerifyEntry', argument })
      .then(() => true)
      .catch((error: unknown) => {
        if (error instanceof PlatformError && error.code === 'ENTRY_NOT_FOUND') return false;
        throw error;
      });
    if (!isThere) missing.push(one);
  }
  return missing;
}

async function sealed(
  { services }: RequestContext,
  { recipients }: ImportTarget,
  { id, resource, plaintext }: Pending,
): Promise<care.ProposedEntry> {
  const { body, keys, sha256, size } = await services.envelopes.seal(id, plaintext, recipients);
  return { id, ...entryOf(resource), size, sha256, body, keys };
}

/** All of them are on the ledger; those that another call wrote may reach the read model a moment later. */
async function settledEntriesOf(
  context: RecordsContext,
  patient: string,
  ids: readonly string[],
): Promise<Map<string, EntryDocument>> {
  const deadline = Date.now() + readModelPatienceMs;
  for (;;) {
    const found = await entriesOf(context, patient, ids);
    if (found.size === ids.length || Date.now() > deadline) return found;
    await setTimeout(pollMs);
    context.renew();
  }
}

async function entriesOf(
  context: RecordsContext,
  patient: string,
  ids: readonly string[],
): Promise<Map<string, EntryDocument>> {
  const found = await Promise.all(ids.map((id) => context.loaders.entries.load(entryGraphId(patient, id))));
  return new Map(found.flatMap((one) => (one ? [[one.id, one]] : [])));
}
