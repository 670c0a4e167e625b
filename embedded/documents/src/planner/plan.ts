import type { Collation } from '../query/collation.js';
import { jsonText } from '../bson/json-text.js';
import { equalValues } from '../bson/compare.js';
import { rankByte } from '../bson/sort-key.js';
import { isDoc, rankOf, type Doc, type Value } from '../bson/value.js';
import { CommandError } from '../errors.js';
import type { SortField } from '../query/sort.js';
import type { Collection } from '../storage/collection.js';
import type { IndexDefinition } from '../storage/index-definition.js';
import { indexPrefix, prefixRange, successor, type KeyRange } from '../storage/keys.js';
import { boundsOf, intersect, invert, type Bounds, type FieldBounds } from './bounds.js';

/** How the documents of a query are found. Whatever the plan finds is still tested against the query. */
export type Plan = ScanPlan | IndexPlan | UnionPlan;

/** Every record in the order of insertion. */
export interface ScanPlan {
  readonly kind: 'scan';
  readonly reverse: boolean;
  readonly sorted: boolean;
}

/** Ranges of one index. */
export interface IndexPlan {
  readonly kind: 'index';
  readonly index: IndexDefinition;
  readonly ranges: readonly KeyRange[];
  readonly reverse: boolean;
  /** Whether documents come in the order the query asks for. */
  readonly sorted: boolean;
  /** Whether each range is one whole key of a unique index, so that it can be looked up. */
  readonly exact: boolean;
}

/** Plans whose findings are joined, each record once: the branches of an `$or`. */
export interface UnionPlan {
  readonly kind: 'union';
  readonly plans: readonly IndexPlan[];
  readonly sorted: boolean;
}

export interface PlanRequest {
  readonly filter: Doc;
  readonly sort: readonly SortField[];
  readonly collation: Collation | undefined;
  readonly hint: Value;
}

/** Ranges that one plan may have. */
const MAX_RANGES = 10_000;

/**
 * Chooses how to find a query's documents: the index with the most equalities, then ranges, then order; else a scan.
 *
 * @throws {@link CommandError} `BadValue` where a hint names no index.
 */
export function choosePlan(collection: Collection, request: PlanRequest): Plan {
  const { filter, sort, hint } = request;
  const [first] = sort;
  if (first?.path === '$natural') return { kind: 'scan', reverse: first.descending, sorted: true };
  const hinted = hintedIndex(collection, hint);
  if (hinted === 'natural') return { kind: 'scan', reverse: false, sorted: sort.length === 0 };
  if (hinted === 'reverse') return { kind: 'scan', reverse: true, sorted: sort.length === 0 };
  const bounds = boundsOf(filter);
  if (hinted) {
    return (
      indexPlan(collection, hinted, bounds, request)?.plan ??
      wholeIndex(collection, hinted, sort.length === 0)
    );
  }
  const best = bestIndexPlan(collection, bounds, request);
  if (best && (best.bounded > 0 || sort.length > 0)) return best.plan;
  return unionPlan(collection, request) ?? { kind: 'scan', reverse: false, sorted: sort.length === 0 };
}

interface Candidate {
  readonly plan: IndexPlan;
  readonly bounded: number;
  readonly score: number;
}

function bestIndexPlan(
  collection: Collection,
  bounds: FieldBounds,
  request: PlanRequest,
): Candidate | undefined {
  let best: Candidate | undefined;
  for (const index of collection.indexes) {
    if (index.hidden) continue;
    const candidate = indexPlan(collection, index, bounds, request);
    if (candidate && candidate.score > (best?.score ?? 0)) best = candidate;
  }
  return best;
}

function unionPlan(collection: Collection, { filter, sort, collation }: PlanRequest): UnionPlan | undefined {
  const branches = filter.$or;
  if (!Array.isArray(branches)) return undefined;
  const plans: IndexPlan[] = [];
  for (const branch of branches) {
    if (!isDoc(branch)) return undefined;
    const request = { filter: branch, sort: [], collation, hint: undefined };
    const best = bestIndexPlan(collection, boundsOf(branch), request);
    if (!best || best.bounded === 0) return undefined;
    plans.push(best.plan);
  }
  return { kind: 'union', plans, sorted: sort.length === 0 };
}

function hintedIndex(
  collection: Collection,
  hint: Value,
): IndexDefinition | 'natural' | 'reverse' | undefined {
  if (hint === undefined || (isDoc(hint) && Object.keys(hint).length === 0)) return undefined;
  if (isDoc(hint) && '$natural' in hint) return equalValues(hint.$natural, -1) ? 'reverse' : 'natural';
  const found = collection.indexes.find((index) =>
    typeof hint === 'string' ? index.name === hint : isDoc(hint) && equalValues(index.spec.key, hint),
  );
  if (!found || found.hidden)
    throw new CommandError(
      'BadValue',
      `error processing query: ns=${collection.namespace} hint=${jsonText(hint)}: planner returned error :: caused by :: hint provided does not correspond to an existing index`,
    );
  return found;
}

function wholeIndex(collection: Collection, index: IndexDefinition, sorted: boolean): IndexPlan {
  const ranges = [prefixRange(indexPrefix(collection.spec.id, index.id))];
  return { kind: 'index', index, ranges, reverse: false, sorted, exact: false };
}

function indexPlan(
  collection: Collection,
  index: IndexDefinition,
  bounds: FieldBounds,
  { filter, sort, collation }: PlanRequest,
): Candidate | undefined {
  if (!admitsQuery(index, filter, bounds)) return undefined;
  const prefix = indexPrefix(collection.spec.id, index.id);
  let prefixes = [Buffer.alloc(0)];
  let ranges: KeyRange[] | undefined;
  let equalities = 0;
  for (const field of index.fields) {
    const own = collation ? undefined : fieldBounds(bounds.get(field.path), index.multikey);
    if (!own) break;
    const intervals = field.descending ? invert(own) : own;
    if (prefixes.length * intervals.length > MAX_RANGES) break;
    if (!index.ordered && !intervals.every(({ point }) => point)) break;
    const combined = prefixes.flatMap((head) =>
      intervals.map(({ start, end }) => ({
        gte: Buffer.concat([head, start]),
        lt: Buffer.concat([head, end]),
      })),
    );
    if (isSinglePoints(intervals)) {
      prefixes = combined.map(({ gte }) => gte);
      equalities += 1;
    } else {
      ranges = combined;
      break;
    }
  }
  const bounded = equalities + Number(ranges !== undefined);
  const final = (ranges ?? prefixes.map((head) => wholeRange(head))).map(({ gte, lt }) => ({
    gte: Buffer.concat([prefix, gte]),
    lt: lt ? Buffer.concat([prefix, lt]) : successor(prefix),
  }));
  const order =
    final.length <= 1 && !index.multikey && !collation && index.ordered
      ? orderOf(index, sort, equalities)
      : undefined;
  const sorted = sort.length === 0 || order !== undefined;
  if (bounded === 0 && (sort.length === 0 || !sorted)) return undefined;
  const exact = index.unique && equalities === index.fields.length;
  const score =
    equalities * 10 +
    (ranges ? 5 : 0) +
    (sort.length > 0 && sorted ? 4 : 0) +
    (exact ? 100 : 0) +
    1 / (index.fields.length + 1);
  return {
    plan: { kind: 'index', index, ranges: final, reverse: order === 'backward', sorted, exact },
    bounded,
    score,
  };
}

function wholeRange(head: Buffer): { gte: Buffer; lt: Buffer | undefined } {
  return { gte: head, lt: head.length === 0 ? undefined : successor(head) };
}

/** Points whose key is whole: null is a point, but stands for two keys. */
function isSinglePoints(intervals: Bounds): boolean {
  return intervals.every(({ start, end, point }) => point && successor(start).equals(end));
}

/** All demands on a field at once; in an index with entries for array elements each may be met by another one, so only one counts. */
function fieldBounds(demands: readonly Bounds[] | undefined, multikey: boolean): Bounds | undefined {
  const [first, ...rest] = demands ?? [];
  if (!first) return undefined;
  if (multikey) return [first, ...rest].find((bounds) => bounds.every(({ point }) => point)) ?? first;
  return rest.reduce(intersect, first);
}

/** A sparse or partial index serves a query that can only match documents that are in it. */
function admitsQuery(index: IndexDefinition, filter: Doc, bounds: FieldBounds): boolean {
  if (index.partial)
    return Object.entries(index.partial).every(([path, wanted]) => implies(filter, path, wanted));
  if (!index.sparse) return true;
  return index.fields.some(({ path }) => (bounds.get(path) ?? []).some(excludesMissing));
}

const nullKey = Buffer.from([rankByte(rankOf(null))]);

function excludesMissing(bounds: Bounds): boolean {
  return bounds.every(
    ({ start, end }) => !(Buffer.compare(start, nullKey) <= 0 && Buffer.compare(nullKey, end) < 0),
  );
}

function implies(filter: Doc, path: string, wanted: Value): boolean {
  const given = filter[path];
  if (given === undefined)
    return (
      Array.isArray(filter.$and) &&
      filter.$and.some((clause) => isDoc(clause) && implies(clause, path, wanted))
    );
  if (equalValues(given, wanted)) return true;
  if (!isDoc(wanted)) return isDoc(given) && equalValues(given.$eq, wanted);
  if (equalValues(wanted, { $exists: true }))
    return (
      given !== null &&
      (!isDoc(given) ||
        ['$eq', '$gt', '$gte', '$lt', '$lte'].some(
          (operator) => given[operator] !== undefined && given[operator] !== null,
        ))
    );
  if (equalValues(wanted.$eq, given) && Object.keys(wanted).length === 1) return true;
  return false;
}

/** Whether an index's order, after the fields that equalities fix, is the one asked for: as it is, or turned around. */
function orderOf(
  index: IndexDefinition,
  sort: readonly SortField[],
  fixed: number,
): 'forward' | 'backward' | undefined {
  if (sort.length === 0) return 'forward';
  const constant = new Set(index.fields.slice(0, fixed).map(({ path }) => path));
  const wanted = sort.filter(({ path }) => !constant.has(path));
  const offered = index.fields.slice(fixed);
  if (wanted.length > offered.length) return undefined;
  const turned = wanted.map(({ path, descending }, at) => {
    const field = offered[at];
    return field?.path === path ? descending !== field.descending : undefined;
  });
  if (turned.includes(undefined)) return undefined;
  if (turned.every((turn) => turn === false)) return 'forward';
  return turned.every((turn) => turn === true) ? 'backward' : undefined;
}
