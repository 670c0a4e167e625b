import {
  BSONRegExp,
  BSONSymbol,
  Binary,
  Code,
  Decimal128,
  Double,
  Long,
  type MaxKey,
  MinKey,
  ObjectId,
  Timestamp,
} from 'bson';

/**
 * A BSON value as the server computes with it. It is the plain JavaScript value where that loses nothing, and bson's class where it
 * would: an `int` is a JavaScript integer within 32 bits; a `double` is any other JavaScript number, and a {@link Double} only where
 * its number would read as an `int` (`1.0`). So every value has exactly one shape, and its type can be told from it.
 */
export type Value =
  | null
  | undefined
  | boolean
  | number
  | string
  | Date
  | Double
  | Long
  | Decimal128
  | ObjectId
  | Binary
  | BSONRegExp
  | BSONSymbol
  | Timestamp
  | Code
  | MinKey
  | MaxKey
  | Value[]
  | Doc;

/** A document: own enumerable keys in field order. */
export interface Doc {
  [field: string]: Value;
}

/** A numeric value of any of the four BSON number types. */
export type Numeric = number | Double | Long | Decimal128;

/** Names of BSON types as `$type` spells them. */
export type TypeName =
  | 'minKey'
  | 'undefined'
  | 'null'
  | 'int'
  | 'long'
  | 'double'
  | 'decimal'
  | 'string'
  | 'symbol'
  | 'object'
  | 'array'
  | 'binData'
  | 'objectId'
  | 'bool'
  | 'date'
  | 'timestamp'
  | 'regex'
  | 'javascript'
  | 'javascriptWithScope'
  | 'maxKey';

/** BSON's numeric type codes, as `$type` accepts them. */
export const TYPE_CODES: Readonly<Record<TypeName, number>> = {
  double: 1,
  string: 2,
  object: 3,
  array: 4,
  binData: 5,
  undefined: 6,
  objectId: 7,
  bool: 8,
  date: 9,
  null: 10,
  regex: 11,
  javascript: 13,
  symbol: 14,
  javascriptWithScope: 15,
  int: 16,
  timestamp: 17,
  long: 18,
  decimal: 19,
  minKey: -1,
  maxKey: 127,
};

/** Where a type stands in MongoDB's comparison order; types that compare with one another share a rank. */
const RANKS: Readonly<Record<TypeName, number>> = {
  minKey: 1,
  undefined: 2,
  null: 3,
  int: 4,
  long: 4,
  double: 4,
  decimal: 4,
  string: 5,
  symbol: 5,
  object: 6,
  array: 7,
  binData: 8,
  objectId: 9,
  bool: 10,
  date: 11,
  timestamp: 12,
  regex: 13,
  javascript: 15,
  javascriptWithScope: 16,
  maxKey: 20,
};

const INT_MIN = -0x80000000;
const INT_MAX = 0x7fffffff;

/** Whether a JavaScript number is an `int` in this representation (whole, 32 bits, not negative zero). */
export function isInt(number: number): boolean {
  return (number | 0) === number && !Object.is(number, -0);
}

/** A `double`: wrapped only where the bare number would read as an `int`. */
export function double(number: number): number | Double {
  return isInt(number) ? new Double(number) : number;
}

/** An `int` where it fits, else a `long`: how MongoDB shapes whole results. */
export function whole(integer: bigint | number): number | Long {
  const number = Number(integer);
  return number >= INT_MIN && number <= INT_MAX ? number : Long.fromBigInt(BigInt(integer));
}

/** A plain (sub)document, as opposed to an array or a value of one of bson's classes. */
export function isDoc(value: unknown): value is Doc {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

export function isNumeric(value: Value): value is Numeric {
  return (
    typeof value === 'number' ||
    value instanceof Double ||
    value instanceof Decimal128 ||
    (value instanceof Long && !(value instanceof Timestamp))
  );
}

/** Null or missing. */
export function isNullish(value: Value): value is null | undefined {
  return value === null || value === undefined;
}

export function typeName(value: Value): TypeName {
  switch (typeof value) {
    case 'undefined':
      return 'undefined';
    case 'boolean':
      return 'bool';
    case 'string':
      return 'string';
    case 'number':
      return isInt(value) ? 'int' : 'double';
    default:
      return value === null ? 'null' : objectTypeName(value);
  }
}

function objectTypeName(value: NonNullable<Value> & object): TypeName {
  if (Array.isArray(value)) return 'array';
  if (isDoc(value)) return 'object';
  if (value instanceof Date) return 'date';
  if (value instanceof ObjectId) return 'objectId';
  if (value instanceof Double) return 'double';
  if (value instanceof Timestamp) return 'timestamp';
  if (value instanceof Long) return 'long';
  if (value instanceof Decimal128) return 'decimal';
  if (value instanceof Binary) return 'binData';
  if (value instanceof BSONRegExp) return 'regex';
  if (value instanceof BSONSymbol) return 'symbol';
  if (value instanceof Code) return value.scope ? 'javascriptWithScope' : 'javascript';
  return value instanceof MinKey ? 'minKey' : 'maxKey';
}

/** The rank of a value's type in MongoDB's comparison order. */
export function rankOf(value: Value): number {
  return RANKS[typeName(value)];
}

/** A copy that shares no mutable part with its source. Values of bson's classes are never changed in place, so they are shared. */
export function cloneValue(value: Value): Value {
  if (Array.isArray(value)) return value.map(cloneValue);
  if (isDoc(value)) return cloneDoc(value);
  return value;
}

export function cloneDoc(doc: Doc): Doc {
  const copy: Doc = {};
  for (const field of Object.keys(doc)) setField(copy, field, cloneValue(doc[field]));
  return copy;
}

/** Sets an own field, whatever its name (`__proto__` is a name like any other). */
export function setField(doc: Doc, field: string, value: Value): void {
  if (field === '__proto__') {
    Object.defineProperty(doc, field, { value, enumerable: true, configurable: true, writable: true });
  } else doc[field] = value;
}

/** An own field's value, or undefined where there is none. */
export function getField(doc: Doc, field: string): Value {
  return Object.hasOwn(doc, field) ? doc[field] : undefined;
}
