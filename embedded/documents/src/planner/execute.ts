import type { Collection, StoredRecord } from '../storage/collection.js';
import type { Snapshot, Store } from '../storage/store.js';
import type { IndexPlan, Plan, ScanPlan } from './plan.js';
import { prefixRange, readRecordId, recordPrefix } from '../storage/keys.js';

/** Entries fetched at a time. The first fetch is small, as many queries want few. */
export const FIRST_CHUNK = 16;
const CHUNK = 256;

/** How many entries and documents a plan has looked at. */
export interface Examined {
  keys: number;
  docs: number;
}

/**
 * Runs a plan against one state of the store, some records at a time. Nothing is held but the current ones, and, where records could
 * come twice, the ids of those given.
 */
export async function* execute(
  store: Store,
  collection: Collection,
  plan: Plan,
  examined: Examined = { keys: 0, docs: 0 },
  first = FIRST_CHUNK,
): AsyncGenerator<StoredRecord[]> {
  const points = pointsOf(plan);
  if (points) {
    examined.keys += points.length;
    yield* readPoints(collection, points, examined);
    return;
  }
  const snapshot = store.snapshot();
  try {
    if (plan.kind === 'scan') yield* scan(store, collection, plan, snapshot, examined, first);
    else {
      const plans = plan.kind === 'union' ? plan.plans : [plan];
      const seen = plan.kind === 'union' || plan.index.multikey ? new Set<number>() : undefined;
      for (const each of plans) yield* readIndex(store, collection, each, snapshot, examined, first, seen);
    }
  } finally {
    await snapshot.close();
  }
}

/** The keys of a plan that looks up whole keys of a unique index: such records are found without a range. */
export function pointsOf(plan: Plan): readonly Buffer[] | undefined {
  return plan.kind === 'index' && plan.exact ? plan.ranges.map(({ gte }) => gte) : undefined;
}

function* readPoints(
  collection: Collection,
  points: readonly Buffer[],
  examined: Examined,
): Generator<StoredRecord[]> {
  for (let at = 0; at < points.length; at += CHUNK) {
    const records: StoredRecord[] = [];
    for (const key of points.slice(at, at + CHUNK)) {
      const record = collection.readEntry(key);
      if (record) records.push(record);
    }
    examined.docs += records.length;
    yield records;
  }
}

async function* scan(
  store: Store,
  collection: Collection,
  plan: ScanPlan,
  snapshot: Snapshot,
  examined: Examined,
  first: number,
): AsyncGenerator<StoredRecord[]> {
  const iterator = store.iterate(prefixRange(recordPrefix(collection.spec.id)), {
    snapshot,
    reverse: plan.reverse,
  });
  try {
    let size = first;
    for (let entries = await iterator.nextv(size); entries.length > 0; entries = await iterator.nextv(size)) {
      examined.docs += entries.length;
      yield entries.map(([key, bytes]) => ({ record: readRecordId(key), bytes }));
      size = CHUNK;
    }
  } finally {
    await iterator.close();
  }
}

async function* readIndex(
  store: Store,
  collection: Collection,
  plan: IndexPlan,
  snapshot: Snapshot,
  examined: Examined,
  first: number,
  seen: Set<number> | undefined,
): AsyncGenerator<StoredRecord[]> {
  for (const range of plan.ranges) {
    const iterator = store.iterate(range, { snapshot, reverse: plan.reverse });
    try {
      let size = first;
      for (
        let entries = await iterator.nextv(size);
        entries.length > 0;
        entries = await iterator.nextv(size)
      ) {
        examined.keys += entries.length;
        const records: StoredRecord[] = [];
        for (const [key, value] of entries) {
          const id = readRecordId(plan.index.unique ? value : key);
          if (seen?.has(id)) continue;
          seen?.add(id);
          const record = collection.readRecord(id, snapshot);
          if (record) records.push(record);
        }
        examined.docs += records.length;
        yield records;
        size = CHUNK;
      }
    } finally {
      await iterator.close();
    }
  }
}
