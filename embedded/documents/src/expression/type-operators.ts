import { Binary, Decimal128, Long, ObjectId, Timestamp } from 'bson';
import { jsonText } from '../bson/json-text.js';
import { toNumber } from '../bson/exact.js';
import {
  TYPE_CODES,
  double,
  isNumeric,
  isNullish,
  typeName,
  type Numeric,
  type TypeName,
  type Value,
} from '../bson/value.js';
import { CommandError } from '../errors.js';
import { compileWith, isTruthy } from './compile.js';
import { namedOperands, ofArguments, type Operator } from './operator.js';

type Target = 'double' | 'string' | 'objectId' | 'bool' | 'date' | 'int' | 'long' | 'decimal';

const failure = (message: string): CommandError => new CommandError('ConversionFailure', message);

const unsupported = (value: Value, to: Target): CommandError =>
  failure(`Unsupported conversion from ${typeName(value)} to ${to} in $convert with no onError value`);

const CONVERSIONS: Readonly<Record<Target, (value: Value) => Value>> = {
  bool: (value) => (isNumeric(value) || typeof value === 'boolean' ? isTruthy(value) : true),
  int: (value) => Number(toInteger(value, 'int', -(1n << 31n), (1n << 31n) - 1n)),
  long: (value) => Long.fromBigInt(toInteger(value, 'long', -(1n << 63n), (1n << 63n) - 1n)),
  double: toDouble,
  decimal: toDecimalValue,
  string: toText,
  objectId: (value) => {
    if (value instanceof ObjectId) return value;
    if (typeof value !== 'string') throw unsupported(value, 'objectId');
    if (!/^[0-9a-f]{24}$/i.test(value))
      throw failure(
        `Failed to parse objectId '${value}' in $convert with no onError value: Invalid string length for parsing to OID, expected 24 but found ${value.length}`,
      );
    return new ObjectId(value);
  },
  date: toDate,
};

function toInteger(value: Value, to: 'int' | 'long', least: bigint, most: bigint): bigint {
  const result = integerOf(value, to);
  if (result < least || result > most)
    throw failure(
      `Conversion would overflow target type in $convert with no onError value: ${jsonText(value)}`,
    );
  return result;
}

function integerOf(value: Value, to: 'int' | 'long'): bigint {
  if (typeof value === 'boolean') return BigInt(value);
  if (value instanceof Long && !(value instanceof Timestamp)) return value.toBigInt();
  if (value instanceof Date && to === 'long') return BigInt(value.getTime());
  if (typeof value === 'string') {
    if (!/^[+-]?\d+$/.test(value))
      throw failure(
        `Failed to parse number '${value}' in $convert with no onError value: Did not consume whole string.`,
      );
    return BigInt(value.replace(/^\+/, ''));
  }
  if (!isNumeric(value)) throw unsupported(value, to);
  const number = Math.trunc(toNumber(value));
  if (!Number.isFinite(number))
    throw failure(
      `Attempt to convert ${Number.isNaN(number) ? 'NaN' : 'infinity'} value to integer type in $convert with no onError value`,
    );
  return value instanceof Decimal128
    ? BigInt(value.toString().split(/[.E]/)[0] ?? '0') || BigInt(number)
    : BigInt(number);
}

function parseNumber(text: string): number {
  const number = Number(text);
  if (
    text.trim() === '' ||
    text !== text.trim() ||
    /^[+-]?0[xbo]/i.test(text) ||
    (Number.isNaN(number) && text !== 'NaN')
  )
    throw failure(`Failed to parse number '${text}' in $convert with no onError value`);
  return number;
}

function toDouble(value: Value): Value {
  if (typeof value === 'boolean') return double(Number(value));
  if (typeof value === 'string') return double(parseNumber(value));
  if (value instanceof Date) return double(value.getTime());
  if (!isNumeric(value)) throw unsupported(value, 'double');
  const number = toNumber(value);
  if (value instanceof Decimal128 && !Number.isFinite(number) && /\d/.test(value.toString()))
    throw failure('Conversion would overflow target type in $convert with no onError value');
  return double(number);
}

function toDecimalValue(value: Value): Value {
  if (value instanceof Decimal128) return value;
  if (typeof value === 'boolean') return Decimal128.fromString(String(Number(value)));
  if (value instanceof Date) return Decimal128.fromString(String(value.getTime()));
  if (typeof value === 'string') {
    parseNumber(value);
    return Decimal128.fromStringWithRounding(value);
  }
  if (!isNumeric(value)) throw unsupported(value, 'decimal');
  if (value instanceof Long) return Decimal128.fromString(value.toString());
  const number = toNumber(value);
  return Decimal128.fromString(
    Number.isInteger(number) && typeName(value) === 'int' ? String(number) : fifteenDigits(number),
  );
}

/** Doubles become decimals of 15 digits, which is what a double holds for certain. */
function fifteenDigits(number: number): string {
  return Number.isFinite(number) ? number.toPrecision(15) : String(number);
}

/** Text of a number as MongoDB writes it. */
export function numberText(value: Numeric): string {
  if (value instanceof Decimal128 || value instanceof Long) return value.toString();
  const number = toNumber(value);
  const text = String(number);
  return text.replace(/e([+-])(\d)$/, 'e$10$2');
}

function toText(value: Value): Value {
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') return jsonText(value);
  if (isNumeric(value)) return numberText(value);
  if (value instanceof Date) return value.toISOString();
  if (value instanceof ObjectId) return value.toHexString();
  if (value instanceof Binary && value.sub_type === Binary.SUBTYPE_UUID) return value.toUUID().toString();
  throw unsupported(value, 'string');
}

function toDate(value: Value): Value {
  if (value instanceof Date) return value;
  if (value instanceof ObjectId) return value.getTimestamp();
  if (value instanceof Timestamp) return new Date(value.t * 1000);
  if (typeof value === 'string') return parseDate(value);
  if (isNumeric(value) && typeName(value) !== 'int') {
    const time = Math.trunc(toNumber(value));
    if (Number.isFinite(time)) return new Date(time);
  }
  throw unsupported(value, 'date');
}

const isoPattern =
  /^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}(?::\d{2}(?::\d{2}(?:\.\d+)?)?)?(?:Z|[+-]\d{2}(?::?\d{2})?)?)?$/;

function parseDate(text: string): Date {
  const withZone = /Z|[+-]\d{2}(?::?\d{2})?$/.test(text.slice(10)) || text.length <= 10 ? text : `${text}Z`;
  const date = isoPattern.test(text)
    ? new Date(withZone.replace(' ', 'T').replace(/T(\d{2})(Z|$)/, 'T$1:00$2'))
    : new Date(NaN);
  if (Number.isNaN(date.getTime()))
    throw failure(
      `Error parsing date string '${text}'; 0: passing a time zone identifier as part of the string is not allowed '${text.slice(0, 1)}'`,
    );
  return date;
}

function targetOf(to: Value): Target {
  const name = isNumeric(to) ? Object.entries(TYPE_CODES).find(([, code]) => code === toNumber(to))?.[0] : to;
  if (typeof name === 'string' && Object.hasOwn(CONVERSIONS, name)) return name as Target;
  if (typeof to === 'string' && !Object.hasOwn(TYPE_CODES, to))
    throw new CommandError('BadValue', `Unknown type name: ${to}`);
  throw new CommandError('ConversionFailure', `Unsupported conversion to type ${jsonText(to)}`);
}

const shorthand = (to: Target): Operator =>
  ofArguments(1, ([value]) => (isNullish(value) ? null : CONVERSIONS[to](value)));

/** Types and conversions. */
export const TYPES: Readonly<Record<string, Operator>> = {
  $type: ofArguments(1, ([value]): TypeName | 'missing' =>
    value === undefined ? 'missing' : typeName(value),
  ),
  $isNumber: ofArguments(1, ([value]) => isNumeric(value)),
  $toBool: shorthand('bool'),
  $toInt: shorthand('int'),
  $toLong: shorthand('long'),
  $toDouble: shorthand('double'),
  $toDecimal: shorthand('decimal'),
  $toString: shorthand('string'),
  $toObjectId: shorthand('objectId'),
  $toDate: shorthand('date'),
  $convert: (operand, { name, names }) => {
    const parts = namedOperands(
      operand,
      ['input', 'to'],
      ['onError', 'onNull', 'format', 'byteOrder'],
      name,
      9,
    );
    const input = compileWith(parts.input, names);
    const to = compileWith(parts.to, names);
    const onError = 'onError' in parts ? compileWith(parts.onError, names) : undefined;
    const onNull = 'onNull' in parts ? compileWith(parts.onNull, names) : () => null;
    return (environment) => {
      const value = input(environment);
      const type = to(environment);
      if (isNullish(value)) return onNull(environment);
      if (isNullish(type)) return null;
      const target = targetOf(type);
      try {
        return CONVERSIONS[target](value);
      } catch (error) {
        if (onError && error instanceof CommandError) return onError(environment);
        throw error;
      }
    };
  },
};
