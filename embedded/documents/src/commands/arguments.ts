import { Long } from 'bson';
import { decodeDocument } from '../bson/decode.js';
import { toNumber } from '../bson/exact.js';
import { isDoc, isNumeric, isNullish, typeName, type Doc, type Value } from '../bson/value.js';
import { CommandError } from '../errors.js';
import type { Call } from './command.js';

const wrongType = (call: Call, field: string, value: Value, expected: string): CommandError =>
  new CommandError(
    'TypeMismatch',
    `BSON field '${call.name}.${field}' is the wrong type '${typeName(value)}', expected type '${expected}'`,
  );

const missing = (call: Call, field: string): CommandError =>
  new CommandError(40414, `BSON field '${call.name}.${field}' is missing but a required field`);

/** A collection's name: the operand of most commands. */
export function collectionName(call: Call): string {
  const value = call.body[call.name];
  if (typeof value !== 'string')
    throw new CommandError('InvalidNamespace', `collection name has invalid type ${typeName(value)}`);
  if (value === '')
    throw new CommandError('InvalidNamespace', `Invalid namespace specified '${call.database}.'`);
  if (value.includes('\0'))
    throw new CommandError('InvalidNamespace', 'namespaces cannot have embedded null characters');
  return value;
}

export function optionalDoc(call: Call, field: string): Doc | undefined {
  const value = call.body[field];
  if (isNullish(value)) return undefined;
  if (!isDoc(value)) throw wrongType(call, field, value, 'object');
  return value;
}

export function optionalString(call: Call, field: string): string | undefined {
  const value = call.body[field];
  if (isNullish(value)) return undefined;
  if (typeof value !== 'string') throw wrongType(call, field, value, 'string');
  return value;
}

export function requiredString(call: Call, field: string): string {
  const value = optionalString(call, field);
  if (value === undefined) throw missing(call, field);
  return value;
}

export function optionalArray(call: Call, field: string): Value[] | undefined {
  const value = call.body[field];
  if (isNullish(value)) return undefined;
  if (!Array.isArray(value)) throw wrongType(call, field, value, 'array');
  return value;
}

export function requiredArray(call: Call, field: string): Value[] {
  const value = optionalArray(call, field);
  if (!value) throw missing(call, field);
  return value;
}

/** A flag; numbers count as flags too. */
export function flag(call: Call, field: string, fallback = false): boolean {
  const value = call.body[field];
  if (isNullish(value)) return fallback;
  if (isNumeric(value)) return toNumber(value) !== 0;
  if (typeof value !== 'boolean') throw wrongType(call, field, value, 'bool');
  return value;
}

/** A number without sign; fractions are cut off. */
export function optionalCount(call: Call, field: string): number | undefined {
  const value = call.body[field];
  if (isNullish(value)) return undefined;
  if (!isNumeric(value)) throw wrongType(call, field, value, 'long');
  const number = Math.trunc(toNumber(value));
  if (!(number >= 0))
    throw new CommandError(51024, `BSON field '${field}' value must be >= 0, actual value '${number}'`);
  return number;
}

export function requiredLong(call: Call, field: string): Long {
  const value = call.body[field];
  if (isNullish(value)) throw missing(call, field);
  if (!isNumeric(value)) throw wrongType(call, field, value, 'long');
  return value instanceof Long ? value : Long.fromNumber(toNumber(value));
}

/** The documents of a write: from a sequence of the message, or from an array in its body. */
export function writeStatements(call: Call, field: string): Doc[] {
  const sequence = call.sequences.get(field);
  if (sequence) return assertSome(call, field, sequence.map(decodeDocument));
  const items = requiredArray(call, field).map((item) => {
    if (!isDoc(item)) throw wrongType(call, `${field}.0`, item, 'object');
    return item;
  });
  return assertSome(call, field, items);
}

/** Statements that one write command may have. */
export const MAX_STATEMENTS = 100_000;

export function assertSome<T>(call: Call, field: string, items: readonly T[]): T[] {
  if (items.length < 1 || items.length > MAX_STATEMENTS)
    throw new CommandError(
      'InvalidLength',
      `Write batch sizes must be between 1 and ${MAX_STATEMENTS}. Got ${items.length} operations (${call.name}.${field}).`,
    );
  return [...items];
}
