import {
  FhirInvalidError,
  outcomeIssue,
  type OutcomeIssue,
  type ReadEntry,
  readResources,
  standingAlone,
} from '@medigraph/platform/fhir';
import { Backoff } from '@medigraph/platform/time';
import { type GraphClient } from '../graph-client.js';
import { type ImportPlan } from './import-plan.js';
import { bytesOf, maxSentBytes } from './import-source.js';
import { isPassing } from './passing-failures.js';

/** What became of one resource of a file. */
export interface FileOutcome {
  /** `Bundle.entry[3]` or `line 17`. */
  readonly location: string;
  readonly status: 'STORED' | 'EXISTING' | 'REFUSED';
  /** Id of the entry. */
  readonly entry?: string;
  readonly code?: string;
  readonly issues?: readonly Pick<OutcomeIssue, 'expression' | 'diagnostics'>[];
}

/** How many of which. */
export interface ImportCounts {
  readonly STORED: number;
  readonly EXISTING: number;
  readonly REFUSED: number;
}

/** Whose a file is, and who is told of each outcome. */
export interface ImportFileOptions {
  readonly client: GraphClient;
  readonly patient: string;
  /** By which references the source means the patient, beside the one that the file itself tells. */
  readonly knownAs: readonly string[];
  /** The system that the records come from. */
  readonly source?: string;
  readonly onOutcomes: (outcomes: readonly FileOutcome[]) => void | Promise<void>;
}

const batchResources = 100;
const batchBytes = 4_000_000;
/** What was stored is not stored twice, so a batch whose outcome is not known can be sent again. */
const attempts = 5;

const mutation = `mutation ($input: ImportEntriesInput!) {
  importEntries(input: $input) {
    outcomes { index status code entry { id } issues { expression diagnostics } }
  }
}`;

interface Answered {
  readonly index: number;
  readonly status: FileOutcome['status'];
  readonly code: string | null;
  readonly entry: { readonly id: string } | null;
  readonly issues: readonly { readonly expression: readonly [string]; readonly diagnostics: string }[];
}

interface Waiting {
  readonly location: string;
  readonly resource: unknown;
}

/** Sends a file to the graph, batch by batch; of its resources, one batch is in memory. */
export async function importFile(plan: ImportPlan, options: ImportFileOptions): Promise<ImportCounts> {
  const counts = { STORED: 0, EXISTING: 0, REFUSED: 0 };
  const tell = async (outcomes: readonly FileOutcome[]): Promise<void> => {
    for (const { status } of outcomes) counts[status] += 1;
    await options.onOutcomes(outcomes);
  };
  let batch: Waiting[] = [];
  let bytes = 0;
  const send = async (): Promise<void> => {
    if (batch.length > 0) await tell(await sent(batch, plan, options));
    batch = [];
    bytes = 0;
  };
  for await (const entry of readResources(bytesOf(plan.file), plan.format, maxSentBytes)) {
    if (entry.error) {
      await tell([refused(entry)]);
      continue;
    }
    const resource = standingAlone(entry, plan.references);
    const size = Buffer.byteLength(JSON.stringify(resource));
    // A large one goes alone: with what waits it might be more than a mutation carries.
    if (bytes + size > batchBytes) await send();
    batch.push({ location: entry.location, resource });
    bytes += size;
    if (batch.length === batchResources || bytes >= batchBytes) await send();
  }
  await send();
  return counts;
}

async function sent(
  batch: readonly Waiting[],
  { format, knownAs }: ImportPlan,
  options: ImportFileOptions,
): Promise<FileOutcome[]> {
  const names = knownAs === undefined ? options.knownAs : [...options.knownAs, knownAs];
  const { importEntries } = await answered(options.client, {
    patient: options.patient,
    resources: batch.map(({ resource }) => resource),
    knownAs: names,
    source: options.source,
  });
  return importEntries.outcomes.map(({ index, status, code, entry, issues }) => {
    const location = batch[index]?.location ?? '';
    const root = format === 'bundle' ? `${location}.resource` : undefined;
    return {
      location,
      status,
      ...(entry ? { entry: entry.id } : {}),
      ...(code === null ? {} : { code }),
      ...(issues.length > 0 ? { issues: issues.map((issue) => rebased(issue, root)) } : {}),
    };
  });
}

async function answered(
  client: GraphClient,
  input: object,
): Promise<{ importEntries: { outcomes: Answered[] } }> {
  const backoff = new Backoff({ initial: 500, limit: 10_000 });
  for (let attempt = 1; ; attempt++) {
    try {
      return await client.request(mutation, { input });
    } catch (error) {
      if (attempt === attempts || !isPassing(error)) throw error;
      await backoff.pause();
    }
  }
}

function rebased(issue: Answered['issues'][number], root: string | undefined): Answered['issues'][number] {
  if (root === undefined) return issue;
  return { ...issue, expression: [issue.expression[0].replace(/^[A-Za-z]+/, root)] };
}

function refused({ location, error }: Extract<ReadEntry, { error: Error }>): FileOutcome {
  const issues = error instanceof FhirInvalidError ? error.issues.map((issue) => outcomeIssue(issue)) : [];
  return { location, status: 'REFUSED', code: error.code, ...(issues.length > 0 ? { issues } : {}) };
}
