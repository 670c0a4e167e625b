import { StoredBlocks, type StoredLedger } from '@medigraph/embedded-ledger';
import { compareDatabases, connectDocuments, type Documents } from '@medigraph/platform/documents';
import { type ConnectionProfile } from '@medigraph/platform/ledger';
import { databaseOf, subgraphs } from '../platform/subgraphs.js';
import { bringToEnd } from './rebuild.js';

/** What checking the read models of a subgraph came to. */
export interface ReadModelsVerification {
  readonly subgraph: string;
  /** Documents that are equal to those of a rebuild. */
  readonly documents: number;
  /** The first that differs, in words; absent if all are equal. */
  readonly broken?: string;
}

export interface ReadModelsOptions {
  /** Ledger that nobody serves. */
  readonly stored: StoredLedger;
  readonly network: ConnectionProfile;
  /** Document server with the read models. */
  readonly kept: string;
  /** Document server to rebuild them on. */
  readonly rebuilt: string;
  /** True if no platform writes the read models now: they are then brought to the end of the ledger first, as by a start. */
  readonly catchUp: boolean;
  readonly onSubgraph?: (name: string, done: number, total: number) => void;
}

/**
 * Rebuilds the read models of each subgraph from the blocks on disk, and compares.
 * @throws `READ_MODELS_FAILED`, `DOCUMENTS_UNAVAILABLE`, or what opening the ledger throws.
 */
export async function verifyReadModels(options: ReadModelsOptions): Promise<ReadModelsVerification[]> {
  const stored = await StoredBlocks.open(options.stored);
  try {
    const names = Object.keys(subgraphs);
    const results: ReadModelsVerification[] = [];
    for (const [index, name] of names.entries()) {
      options.onSubgraph?.(name, index, names.length);
      results.push(await verifySubgraph(name, options, stored));
    }
    options.onSubgraph?.(names.at(-1) ?? '', names.length, names.length);
    return results;
  } finally {
    await stored.close();
  }
}

async function verifySubgraph(
  subgraph: string,
  { network, kept, rebuilt, catchUp }: ReadModelsOptions,
  stored: StoredBlocks,
): Promise<ReadModelsVerification> {
  const opened: Documents[] = [];
  const open = async (uri: string) => {
    const documents = await connectDocuments(uri, databaseOf(subgraph));
    opened.push(documents);
    return documents;
  };
  try {
    const left = await open(kept);
    const ahead = await aheadOf(left, subgraph, stored);
    if (ahead !== undefined) return { subgraph, documents: 0, broken: ahead };
    const right = await open(rebuilt);
    await Promise.all([
      catchUp ? bringToEnd(subgraph, left, network, stored) : undefined,
      bringToEnd(subgraph, right, network, stored),
    ]);
    const { documents, difference } = await compareDatabases(left.connection, right.connection);
    return { subgraph, documents, ...(difference !== undefined && { broken: difference }) };
  } finally {
    await Promise.all(opened.map((documents) => documents.close()));
  }
}

/** What is wrong if the read models have come further than the ledger: they are of another one, or it has lost its end. */
async function aheadOf(
  { connection }: Documents,
  subgraph: string,
  { heights }: StoredBlocks,
): Promise<string | undefined> {
  const checkpoints = connection.collection<{ _id: string; block: number }>(`${subgraph}_checkpoints`);
  for await (const { _id: channel, block } of checkpoints.find()) {
    const height = heights.get(channel) ?? 0;
    if (block >= height)
      return `they have come to block ${block} of ${channel}, and the ledger has ${height} blocks`;
  }
  return undefined;
}
