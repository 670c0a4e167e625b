import { BSONRegExp } from 'bson';
import { toNumber } from '../bson/exact.js';
import { rankByte, sortKey } from '../bson/sort-key.js';
import { isDoc, isNumeric, isNullish, rankOf, typeName, type Doc, type Value } from '../bson/value.js';
import { isOperatorDoc } from '../query/matcher.js';
import { successor } from '../storage/keys.js';

/** A stretch of an index field's encoded values: from `start` up to, but without, `end`. */
export interface Interval {
  readonly start: Buffer;
  readonly end: Buffer;
  /** Whether it holds one value only. */
  readonly point: boolean;
}

/** What a query demands of a field, as intervals that hold every value that can match: more may be in them. */
export type Bounds = readonly Interval[];

/** Bounds by path: each entry is one demand, and all hold. */
export type FieldBounds = ReadonlyMap<string, readonly Bounds[]>;

/** Values of a `$in` beyond which an index is not asked. */
const MAX_POINTS = 10_000;

const undefinedRank = rankOf(undefined);
const nullRank = rankOf(null);

/**
 * The bounds that a query puts on fields, from its top level, `$and` and `$elemMatch`. A field without bounds can have any value.
 */
export function boundsOf(filter: Doc): FieldBounds {
  const found = new Map<string, Bounds[]>();
  collect(filter, '', found);
  return found;
}

function collect(filter: Doc, prefix: string, found: Map<string, Bounds[]>): void {
  for (const [name, operand] of Object.entries(filter)) {
    if (name === '$and' && Array.isArray(operand)) {
      for (const clause of operand) if (isDoc(clause)) collect(clause, prefix, found);
    } else if (!name.startsWith('$')) collectField(prefix + name, operand, found);
  }
}

function collectField(path: string, operand: Value, found: Map<string, Bounds[]>): void {
  const push = (bounds: Bounds | undefined): void => {
    if (bounds) found.set(path, [...(found.get(path) ?? []), bounds]);
  };
  if (!isOperatorDoc(operand)) {
    push(equality(operand));
    return;
  }
  for (const [operator, value] of Object.entries(operand)) {
    if (operator === '$elemMatch' && isDoc(value)) {
      if (isOperatorDoc(value) && !['$and', '$or', '$nor'].includes(Object.keys(value)[0] ?? ''))
        collectField(path, value, found);
      else collect(value, `${path}.`, found);
    } else push(ofOperator(operator, value, operand));
  }
}

function ofOperator(operator: string, operand: Value, all: Doc): Bounds | undefined {
  switch (operator) {
    case '$eq':
      return operand instanceof BSONRegExp ? undefined : equality(operand);
    case '$in':
      return membership(operand);
    case '$lt':
    case '$lte':
    case '$gt':
    case '$gte':
      return comparison(operator, operand);
    case '$regex':
      return regex(
        operand instanceof BSONRegExp
          ? operand
          : new BSONRegExp(
              typeof operand === 'string' ? operand : '',
              typeof all.$options === 'string' ? all.$options : '',
            ),
      );
    default:
      return undefined;
  }
}

function equality(operand: Value): Bounds | undefined {
  if (isNullish(operand)) return [{ ...ranks(undefinedRank, nullRank), point: true }];
  if (operand instanceof BSONRegExp) return regex(operand);
  if (Array.isArray(operand)) return undefined;
  return [pointOf(operand)];
}

function pointOf(value: Value): Interval {
  const start = sortKey([value]);
  return { start, end: successor(start), point: true };
}

function ranks(first: number, last: number): Interval {
  return { start: Buffer.from([rankByte(first)]), end: Buffer.from([rankByte(last) + 1]), point: false };
}

function membership(operand: Value): Bounds | undefined {
  if (!Array.isArray(operand) || operand.length > MAX_POINTS) return undefined;
  const each = operand.map(equality);
  if (each.some((bounds) => bounds === undefined)) return undefined;
  const intervals = each.flatMap((bounds) => bounds ?? []);
  return merge(intervals);
}

/** Sorts intervals and joins those that meet or overlap. */
function merge(intervals: readonly Interval[]): Interval[] {
  const sorted = [...intervals].sort((a, b) => Buffer.compare(a.start, b.start));
  const merged: Interval[] = [];
  for (const interval of sorted) {
    const last = merged.at(-1);
    if (last && Buffer.compare(interval.start, last.end) < 0) {
      const end = Buffer.compare(last.end, interval.end) >= 0 ? last.end : interval.end;
      merged[merged.length - 1] = { start: last.start, end, point: last.point && interval.point };
    } else merged.push(interval);
  }
  return merged;
}

function comparison(operator: '$lt' | '$lte' | '$gt' | '$gte', operand: Value): Bounds | undefined {
  if (isNullish(operand) || Array.isArray(operand) || isDoc(operand) || operand instanceof BSONRegExp)
    return undefined;
  if (isNumeric(operand) && Number.isNaN(toNumber(operand))) return undefined;
  if (['minKey', 'maxKey'].includes(typeName(operand))) return undefined;
  const key = sortKey([operand]);
  const { start, end } = ranks(rankOf(operand), rankOf(operand));
  switch (operator) {
    case '$lt':
      return [{ start, end: key, point: false }];
    case '$lte':
      return [{ start, end: successor(key), point: false }];
    case '$gt':
      return [{ start: successor(key), end, point: false }];
    case '$gte':
      return [{ start: key, end, point: false }];
  }
}

/** A pattern that begins with `^` and plain characters matches only strings that begin with them, and itself. */
function regex({ pattern, options }: BSONRegExp): Bounds | undefined {
  const literal = /^\^([A-Za-z0-9 _:/@-]+)/.exec(pattern)?.[1];
  if (literal === undefined || options !== '' || pattern.includes('|')) return undefined;
  const next = pattern[literal.length + 1] ?? '';
  const certain = '*?{+'.includes(next) && next !== '' ? literal.slice(0, -1) : literal;
  if (certain === '') return undefined;
  const full = sortKey([certain]);
  const start = full.subarray(0, full.length - 2);
  const itself = ranks(rankOf(new BSONRegExp('')), rankOf(new BSONRegExp('')));
  return [{ start, end: successor(start), point: false }, itself];
}

/** What lies in both bounds. */
export function intersect(a: Bounds, b: Bounds): Bounds {
  const common: Interval[] = [];
  for (const x of a) {
    for (const y of b) {
      const start = Buffer.compare(x.start, y.start) >= 0 ? x.start : y.start;
      const end = Buffer.compare(x.end, y.end) <= 0 ? x.end : y.end;
      if (Buffer.compare(start, end) < 0) common.push({ start, end, point: x.point || y.point });
    }
  }
  return common;
}

/** The bounds of a field that descends in its index: bytes inverted, ends exchanged. */
export function invert(bounds: Bounds): Bounds {
  return bounds
    .map(({ start, end, point }) => ({ start: inverted(end), end: inverted(start), point }))
    .reverse();
}

/**
 * Inverts a bound. An interval `[start, end)` of keys becomes `(inverted end, inverted start]`; as bounds are prefixes of keys, what
 * begins with the inverted start must stay inside and what begins with the inverted end outside: both are stepped over.
 */
function inverted(bound: Buffer): Buffer {
  const flipped = Buffer.from(bound.map((byte) => ~byte & 0xff));
  return successor(flipped);
}
