import { BSONRegExp, BSONSymbol, Binary, Long } from 'bson';
import { compareValues, equalValues, type StringOrder } from '../bson/compare.js';
import { toNumber } from '../bson/exact.js';
import { identityOf } from '../bson/sort-key.js';
import {
  TYPE_CODES,
  isNumeric,
  isNullish,
  rankOf,
  typeName,
  type TypeName,
  type Value,
} from '../bson/value.js';
import { CommandError } from '../errors.js';
import type { ValueTest } from './path.js';
import { toRegExp } from './regex.js';

/** Below this many values, `$in` compares one by one; above, it looks an identity up. */
const SMALL_IN = 8;

const bad = (message: string): CommandError => new CommandError('BadValue', message);

/** `$eq`: null also stands for missing; a regular expression matches as one. */
export function equals(operand: Value, strings: StringOrder | undefined): ValueTest {
  if (isNullish(operand)) return (value) => isNullish(value);
  return (value) => value !== undefined && equalValues(value, operand, strings);
}

export function matchesRegex(operand: BSONRegExp): ValueTest {
  const regex = toRegExp(operand);
  return (value) => {
    if (typeof value === 'string') return regex.test(value);
    if (value instanceof BSONSymbol) return regex.test(value.value);
    return (
      value instanceof BSONRegExp && value.pattern === operand.pattern && value.options === operand.options
    );
  };
}

/** `$in`: any of the values, regular expressions among them matching as such. */
export function isIn(operand: Value, strings: StringOrder | undefined, name = '$in'): ValueTest {
  if (!Array.isArray(operand)) throw bad(`${name} needs an array`);
  const regexes = operand.filter((item) => item instanceof BSONRegExp).map(matchesRegex);
  const values = operand.filter((item) => !(item instanceof BSONRegExp));
  const among = strings || values.length <= SMALL_IN ? oneOf(values, strings) : inSet(values);
  if (regexes.length === 0) return among;
  return (value, position) => among(value, position) || regexes.some((regex) => regex(value, position));
}

function oneOf(values: readonly Value[], strings: StringOrder | undefined): ValueTest {
  const tests = values.map((value) => equals(value, strings));
  return (value, position) => tests.some((test) => test(value, position));
}

function inSet(values: readonly Value[]): ValueTest {
  const identities = new Set(values.map((value) => identityOf(value ?? null)));
  return (value) => identities.has(identityOf(value ?? null));
}

type Relation = '$lt' | '$lte' | '$gt' | '$gte';

const relations: Readonly<Record<Relation, (order: number) => boolean>> = {
  $lt: (order) => order < 0,
  $lte: (order) => order <= 0,
  $gt: (order) => order > 0,
  $gte: (order) => order >= 0,
};

/** `$lt`, `$lte`, `$gt`, `$gte`: only values of the operand's own type compare, but for MinKey and MaxKey, which all do. */
export function compares(relation: Relation, operand: Value, strings: StringOrder | undefined): ValueTest {
  if (operand instanceof BSONRegExp)
    throw bad(`Can't have RegEx as arg to predicate over field '${relation}'.`);
  const holds = relations[relation];
  const inclusive = relation === '$lte' || relation === '$gte';
  if (isNullish(operand)) return (value) => inclusive && isNullish(value);
  if (isNaNValue(operand)) return (value) => inclusive && isNaNValue(value);
  const rank = rankOf(operand);
  const unbounded = typeName(operand) === 'minKey' || typeName(operand) === 'maxKey';
  return (value) => {
    if (value === undefined) return unbounded && holds(compareValues(null, operand));
    if (!unbounded && (rankOf(value) !== rank || isNaNValue(value))) return false;
    return holds(compareValues(value, operand, strings));
  };
}

const isNaNValue = (value: Value): boolean => isNumeric(value) && Number.isNaN(toNumber(value));

/** `$type`: one type or several, by name or number. */
export function hasType(operand: Value): ValueTest {
  const types = parseTypes(operand);
  return (value) => value !== undefined && types.has(typeName(value));
}

/** Reads what `$type` and `bsonType` take: names, numbers, `number` for all numeric types, or an array of these. */
export function parseTypes(operand: Value): ReadonlySet<TypeName> {
  const items = Array.isArray(operand) ? operand : [operand];
  if (items.length === 0) throw new CommandError('FailedToParse', '$type must match at least one type');
  return new Set(items.flatMap(parseType));
}

function parseType(item: Value): TypeName[] {
  if (item === 'number') return ['int', 'long', 'double', 'decimal'];
  if (typeof item === 'string') {
    if (Object.hasOwn(TYPE_CODES, item)) return [item as TypeName];
    throw bad(`Unknown type name alias: ${item}`);
  }
  if (!isNumeric(item))
    throw new CommandError('TypeMismatch', 'type must be represented as a number or a string');
  const code = toNumber(item);
  const name = Object.entries(TYPE_CODES).find(([, number]) => number === code)?.[0];
  if (name === undefined) throw bad(`Invalid numerical type code: ${code}`);
  return [name as TypeName];
}

/** `$mod: [divisor, remainder]`, on the whole part of numbers. */
export function hasRemainder(operand: Value): ValueTest {
  if (!Array.isArray(operand)) throw bad('malformed mod, needs to be an array');
  if (operand.length < 2) throw bad('malformed mod, not enough elements');
  if (operand.length > 2) throw bad('malformed mod, too many elements');
  const [divisor, remainder] = operand;
  if (!isNumeric(divisor)) throw bad('malformed mod, divisor not a number');
  if (!isNumeric(remainder)) throw bad('malformed mod, remainder not a number');
  const by = wholePart(divisor);
  const rest = wholePart(remainder);
  if (by === undefined || rest === undefined) throw bad('malformed mod, divisor value is invalid');
  if (by === 0n) throw bad('divisor cannot be 0');
  return (value) => {
    const number = isNumeric(value) ? wholePart(value) : undefined;
    return number !== undefined && number % by === rest;
  };
}

function wholePart(value: Value): bigint | undefined {
  if (!isNumeric(value)) return undefined;
  if (value instanceof Long) return value.toBigInt();
  const number = Math.trunc(toNumber(value));
  return Number.isFinite(number) ? BigInt(number) : undefined;
}

type BitTest = '$bitsAllSet' | '$bitsAllClear' | '$bitsAnySet' | '$bitsAnyClear';

/** `$bitsAllSet` and its kin: a mask given as a number, binary data or positions, against whole numbers and binary data. */
export function hasBits(operator: BitTest, operand: Value): ValueTest {
  const positions = bitPositions(operator, operand);
  const wanted = operator.endsWith('Set');
  const all = operator.includes('All');
  return (value) => {
    const bitAt = bitReader(value);
    if (!bitAt) return false;
    const hit = (position: number): boolean => bitAt(position) === wanted;
    return all ? positions.every(hit) : positions.some(hit);
  };
}

function bitPositions(operator: string, operand: Value): number[] {
  if (Array.isArray(operand)) {
    return operand.map((item) => {
      const position = isNumeric(item) ? toNumber(item) : NaN;
      if (!Number.isInteger(position) || position < 0)
        throw bad(`Failed to parse bit position. Expected a non-negative number in: ${operator}`);
      return position;
    });
  }
  if (isNumeric(operand) && !(Number.isInteger(toNumber(operand)) && toNumber(operand) >= 0))
    throw new CommandError('FailedToParse', `Expected a non-negative integer in: ${operator}`);
  const bitAt = bitReader(operand);
  if (!bitAt)
    throw bad(`${operator} takes an Array, a number, or a BinData but received: ${typeName(operand)}`);
  const length = operand instanceof Binary ? operand.position * 8 : 64;
  return Array.from({ length }, (_, position) => position).filter(bitAt);
}

function bitReader(value: Value): ((position: number) => boolean) | undefined {
  if (value instanceof Binary)
    return (position) => (((value.buffer[position >> 3] ?? 0) >> (position & 7)) & 1) === 1;
  if (!isNumeric(value)) return undefined;
  const number = toNumber(value);
  if (!Number.isInteger(number) || Math.abs(number) > 2 ** 63) return undefined;
  const bits = value instanceof Long ? value.toBigInt() : BigInt(number);
  return (position) => ((bits >> BigInt(Math.min(position, 63))) & 1n) === 1n;
}
