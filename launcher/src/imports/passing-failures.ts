import { PlatformError } from '@medigraph/platform/errors';
import { CommandError } from '../errors.js';
import { GraphRefusal } from '../graph-client.js';

/** Failures that are over when what the graph needs is there again. */
const passing: ReadonlySet<string> = new Set([
  'LEDGER_UNAVAILABLE',
  'LEDGER_TIMEOUT',
  'DOCUMENTS_UNAVAILABLE',
  'IDENTITY_UNAVAILABLE',
  'COMMIT_STATUS_UNKNOWN',
  'READ_MODEL_BEHIND',
  'SUBGRAPH_UNAVAILABLE',
  'SUBGRAPH_TIMEOUT',
  'INTERNAL_ERROR',
  'INTERNAL_SERVER_ERROR',
  'RATE_LIMITED',
]);

/** Did the graph refuse, or could it not answer? What is wrong with the file itself never passes. */
export function isPassing(error: unknown): boolean {
  if (error instanceof GraphRefusal) return passing.has(error.code) || error.code === 'GRAPH_ERROR';
  if (error instanceof PlatformError) return false;
  return !(error instanceof CommandError) || error.code === 'NOT_RUNNING';
}
