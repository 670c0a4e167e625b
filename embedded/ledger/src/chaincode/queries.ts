import { type RecordedRange } from '../simulate/tx-simulator.js';
import { type KeyWrites, type StateRange } from '../store/snapshot.js';
import { type ChannelStore } from '../store/channel-store.js';
import { parseReadWriteSet } from '../rwset/parsed.js';
import { openTransaction } from '../validation/transaction-content.js';
import { KeyModification, KeyValue, QueryResponse, QueryResponseMetadata } from '../wire/chaincode.js';

/** Results that go to the chaincode at a time. */
const batchSize = 100;
/** Results that one query returns at most, as a peer's `totalQueryLimit` does. */
export const totalQueryLimit = 100_000;

/** Where a query's results come from, one at a time, in the bytes that the chaincode gets. */
export interface ResultSource {
  next(): Promise<Buffer | undefined>;
  bookmark(): Promise<string>;
  close(): Promise<void>;
}

/** A query that a chaincode has begun and not yet read to its end. */
export interface OpenQuery {
  readonly id: string;
  readonly source: ResultSource;
  readonly limit: number;
  readonly paginated: boolean;
  /** A result read and not yet given out, when a batch was full. */
  ahead?: Buffer;
  returned: number;
}

/** The next batch of a query. Says by `hasMore` whether to ask again; a page comes whole, with its bookmark. */
export async function nextBatch(query: OpenQuery): Promise<{ response: Buffer; ended: boolean }> {
  const results: { resultBytes: Buffer }[] = [];
  if (query.ahead !== undefined) results.push({ resultBytes: query.ahead });
  query.ahead = undefined;
  while (query.returned < query.limit) {
    const result = await query.source.next();
    if (result === undefined) break;
    query.returned += 1;
    if (!query.paginated && results.length === batchSize) {
      query.ahead = result;
      return { response: QueryResponse.encode({ results, hasMore: true, id: query.id }), ended: false };
    }
    results.push({ resultBytes: result });
  }
  const metadata = query.paginated
    ? QueryResponseMetadata.encode({
        fetchedRecordsCount: query.returned,
        bookmark: await query.source.bookmark(),
      })
    : undefined;
  await query.source.close();
  return { response: QueryResponse.encode({ results, hasMore: false, id: query.id, metadata }), ended: true };
}

/** Keys and values of a range. */
export function rangeSource(namespace: string, range: RecordedRange): ResultSource {
  return {
    async next() {
      const found = await range.next();
      return found && KeyValue.encode({ namespace, key: found.key, value: found.value });
    },
    bookmark: () => range.bookmark(),
    close: () => range.close(),
  };
}

/** Keys and values of a range of a collection. */
export function privateRangeSource(namespace: string, range: StateRange): ResultSource {
  return {
    async next() {
      const found = await range.next();
      return found && KeyValue.encode({ namespace, key: found.key, value: found.value });
    },
    bookmark: () => Promise.resolve(''),
    close: () => range.close(),
  };
}

/** Every committed write of a key, newest first, taken from the transactions themselves. */
export function historySource(
  store: ChannelStore,
  writes: KeyWrites,
  namespace: string,
  key: string,
): ResultSource {
  return {
    async next() {
      const position = await writes.next();
      if (position === undefined) return undefined;
      const { channelHeader, action } = openTransaction(
        await store.envelope(position.block, position.transaction),
      );
      const set = parseReadWriteSet(action.results).find((candidate) => candidate.namespace === namespace);
      const write = set?.set.writes.find((candidate) => candidate.key === key);
      if (write === undefined)
        throw new Error(
          `no namespace or key is found for namespace ${namespace} and key ${key} with decoded blockNum ${position.block} and tranNum ${position.transaction}`,
        );
      return KeyModification.encode({
        txId: channelHeader.txId,
        value: write.value,
        timestamp: channelHeader.timestamp,
        isDelete: write.isDelete || write.value.length === 0,
      });
    },
    bookmark: () => Promise.resolve(''),
    close: () => writes.close(),
  };
}
