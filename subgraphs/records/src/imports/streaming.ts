/** Importing what arrives as a stream: two batches of it are in memory at most, however much there is. */
import {
  FhirInvalidError,
  type OutcomeIssue,
  outcomeIssue,
  ownReference,
  type ReadEntry,
  readResources,
} from '@medigraph/platform/fhir';
import { type RecordsContext } from '../context.js';
import { candidatesOf } from './candidates.js';
import { importCandidates, type ImportTarget } from './importing.js';
import { namesIn } from './targets.js';

/** What became of one line. */
export interface LineOutcome {
  /** `line 17`. */
  readonly location: string;
  readonly status: 'STORED' | 'EXISTING' | 'REFUSED';
  /** Id of the entry. */
  readonly entry?: string;
  readonly code?: string;
  readonly issues?: readonly OutcomeIssue[];
}

type Readable = Extract<ReadEntry, { error?: undefined }>;
const batchResources = 200;
const batchBytes = 4_000_000;

/**
 * Imports NDJSON, and tells line by line in batches what became of it.
 * @param declared - references by which the source means the patient, beside their address and identifier. Where there are none,
 *   the first Patient among the lines is who is meant, from its batch on.
 */
export async function* importLines(
  context: RecordsContext,
  target: ImportTarget,
  declared: readonly string[],
  source: AsyncIterable<Uint8Array>,
): AsyncGenerator<readonly LineOutcome[]> {
  let knownAs = declared;
  let batch: ReadEntry[] = [];
  let bytes = 0;
  let before: Promise<LineOutcome[]> | undefined;
  const next = (): Promise<LineOutcome[]> => {
    const full = batch;
    if (knownAs.length === 0) knownAs = patientAmong(full);
    batch = [];
    bytes = 0;
    return imported(context, target, knownAs, full);
  };
  try {
    for await (const entry of readResources(source, 'ndjson', context.limits.resourceBytes)) {
      batch.push(entry);
      bytes += entry.error ? 0 : Buffer.byteLength(JSON.stringify(entry.resource));
      if (batch.length < batchResources && bytes < batchBytes) continue;
      // While one batch is being committed the next is read, checked and sealed.
      const begun = next();
      begun.catch(() => undefined);
      if (before) yield await before;
      before = begun;
    }
  } catch (error) {
    // What broke off is told after what was stored.
    if (before) yield await before;
    throw error;
  }
  if (before) yield await before;
  if (batch.length > 0) yield await next();
}

function patientAmong(batch: readonly ReadEntry[]): string[] {
  for (const entry of batch) {
    const own = entry.error ? undefined : ownReference(entry);
    if (own?.startsWith('Patient/') === true) return [own];
  }
  return [];
}

async function imported(
  context: RecordsContext,
  target: ImportTarget,
  knownAs: readonly string[],
  batch: readonly ReadEntry[],
): Promise<LineOutcome[]> {
  // What was loaded for the batch before is of no use for this one, and would add up.
  context.renew();
  const readable = batch.filter((entry): entry is Readable => entry.error === undefined);
  const candidates = await candidatesOf(
    readable.map(({ resource }) => resource),
    namesIn(context, target.patient, knownAs),
    context.limits.resourceBytes,
  );
  const outcomes = await importCandidates(context, target, candidates);
  const told = new Map(
    outcomes.map(({ status, entry, refusal }, index): [string, LineOutcome] => {
      const location = readable[index]?.location ?? '';
      if (refusal) return [location, refused(location, refusal.code, refusal.issues)];
      return [location, { location, status: status === 'stored' ? 'STORED' : 'EXISTING', entry: entry?._id }];
    }),
  );
  return batch.flatMap(({ location, error }) => {
    const issues = error instanceof FhirInvalidError ? error.issues.map((issue) => outcomeIssue(issue)) : [];
    return error ? [refused(location, error.code, issues)] : (told.get(location) ?? []);
  });
}

function refused(location: string, code: string, issues: readonly OutcomeIssue[]): LineOutcome {
  return { location, status: 'REFUSED', code, ...(issues.length > 0 && { issues }) };
}
