import {
  BSONRegExp,
  BSONSymbol,
  Binary,
  Code,
  type Decimal128,
  type Double,
  type Long,
  ObjectId,
  Timestamp,
} from 'bson';
import { compareExact, toExact, toNumber } from './exact.js';
import { isDoc, isNumeric, rankOf, type Doc, type Numeric, type Value } from './value.js';

/** Compares two strings; a collation supplies its own. */
export type StringOrder = (a: string, b: string) => number;

/**
 * MongoDB's total order over BSON values: by type, then by value; numbers of all four types compare by exact value.
 *
 * @param strings - the order of strings; binary (UTF-8) where left out.
 * @returns a negative number, zero or a positive number.
 */
export function compareValues(a: Value, b: Value, strings: StringOrder = compareStrings): number {
  if (typeof a === 'number' && typeof b === 'number') return compareDoubles(a, b);
  if (typeof a === 'string' && typeof b === 'string') return strings(a, b);
  const rankA = rankOf(a);
  const rankB = rankOf(b);
  if (rankA !== rankB) return rankA - rankB;
  if (isNumeric(a) && isNumeric(b)) return compareNumbers(a, b);
  if (typeof a === 'object' && typeof b === 'object' && a !== null && b !== null)
    return compareObjects(a, b, strings);
  if (typeof a === 'boolean' && typeof b === 'boolean') return Number(a) - Number(b);
  return textOf(a) === undefined ? 0 : strings(textOf(a) ?? '', textOf(b) ?? '');
}

/** Whether two values are equal in MongoDB's order (`1`, `1.0` and `Long(1)` are). */
export function equalValues(a: Value, b: Value, strings?: StringOrder): boolean {
  return a === b || compareValues(a, b, strings) === 0;
}

const textOf = (value: Value): string | undefined =>
  typeof value === 'string' ? value : value instanceof BSONSymbol ? value.value : undefined;

type ObjectValue = Exclude<NonNullable<Value>, boolean | number | string | Double | Long | Decimal128>;

function compareObjects(a: object, b: object, strings: StringOrder): number {
  if (Array.isArray(a) && Array.isArray(b)) return compareArrays(a as Value[], b as Value[], strings);
  if (isDoc(a) && isDoc(b)) return compareDocs(a, b, strings);
  return compareScalars(a as ObjectValue, b as ObjectValue, strings);
}

function compareScalars(a: ObjectValue, b: ObjectValue, strings: StringOrder): number {
  if (a instanceof Date && b instanceof Date) return compareDoubles(a.getTime(), b.getTime());
  if (a instanceof ObjectId && b instanceof ObjectId) return Buffer.compare(a.id, b.id);
  if (a instanceof Binary && b instanceof Binary) return compareBinaries(a, b);
  if (a instanceof Timestamp && b instanceof Timestamp) return a.compare(b);
  if (a instanceof BSONRegExp && b instanceof BSONRegExp)
    return compareStrings(a.pattern, b.pattern) || compareStrings(a.options, b.options);
  if (a instanceof Code && b instanceof Code)
    return compareStrings(a.code, b.code) || compareDocs(a.scope ?? {}, b.scope ?? {}, compareStrings);
  const textA = textOf(a);
  const textB = textOf(b);
  return textA !== undefined && textB !== undefined ? strings(textA, textB) : 0;
}

function compareBinaries(a: Binary, b: Binary): number {
  return (
    a.position - b.position ||
    a.sub_type - b.sub_type ||
    Buffer.compare(a.buffer.subarray(0, a.position), b.buffer.subarray(0, b.position))
  );
}

function compareArrays(a: readonly Value[], b: readonly Value[], strings: StringOrder): number {
  const shared = Math.min(a.length, b.length);
  for (let at = 0; at < shared; at += 1) {
    const order = compareValues(a[at], b[at], strings);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

/** Documents compare field by field in their order: by the value's type, then the name, then the value. */
function compareDocs(a: Doc, b: Doc, strings: StringOrder): number {
  const namesA = Object.keys(a);
  const namesB = Object.keys(b);
  const shared = Math.min(namesA.length, namesB.length);
  for (let at = 0; at < shared; at += 1) {
    const nameA = namesA[at] ?? '';
    const nameB = namesB[at] ?? '';
    const order =
      rankOf(a[nameA]) - rankOf(b[nameB]) ||
      compareStrings(nameA, nameB) ||
      compareValues(a[nameA], b[nameB], strings);
    if (order !== 0) return order;
  }
  return namesA.length - namesB.length;
}

/** NaN is equal to itself and below every other number. */
function compareDoubles(a: number, b: number): number {
  if (a < b) return -1;
  if (a > b) return 1;
  if (a === b) return 0;
  return Number(Number.isNaN(b)) - Number(Number.isNaN(a));
}

export function compareNumbers(a: Numeric, b: Numeric): number {
  const exactA = toExact(a);
  const exactB = toExact(b);
  if (typeof exactA === 'string' || typeof exactB === 'string')
    return compareDoubles(specialOr(exactA, a), specialOr(exactB, b));
  return compareExact(exactA, exactB);
}

/** A double that stands for the number when one of the two compared is special; a finite decimal beyond doubles stays finite. */
function specialOr(exact: ReturnType<typeof toExact>, value: Numeric): number {
  if (typeof exact === 'string') return Number(exact);
  const number = toNumber(value);
  return Number.isFinite(number) ? number : Math.sign(number) * Number.MAX_VALUE;
}

/** Orders strings by their UTF-8 bytes, as MongoDB does; UTF-16 code units differ from that only where surrogates meet U+E000–U+FFFF. */
export function compareStrings(a: string, b: string): number {
  if (a === b) return 0;
  const shared = Math.min(a.length, b.length);
  for (let at = 0; at < shared; at += 1) {
    const unitA = a.charCodeAt(at);
    const unitB = b.charCodeAt(at);
    if (unitA !== unitB) return codeUnitRank(unitA) - codeUnitRank(unitB);
  }
  return a.length - b.length;
}

const codeUnitRank = (unit: number): number => (unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit);
