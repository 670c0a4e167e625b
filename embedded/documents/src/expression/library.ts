import { Decimal128, Double, Long, ObjectId, Timestamp } from 'bson';
import * as mingo from 'mingo/operators/expression';
import { MingoError } from 'mingo/util';
import { isDoc, isNullish, setField, typeName, type Doc, type Value } from '../bson/value.js';
import { CommandError } from '../errors.js';
import { compileWith } from './compile.js';
import type { Evaluate } from './environment.js';
import type { Operator } from './operator.js';

/**
 * Operators that mingo computes: those that format, parse and count dates. What they take is evaluated here first and handed over as a document that the
 * operator's own operand refers to field by field, so mingo never sees an expression of a client's, nor a type it does not know.
 */
const NAMES = [
  '$dateAdd',
  '$dateDiff',
  '$dateFromString',
  '$dateSubtract',
  '$dateToString',
  '$dateTrunc',
] as const;

type MingoOperator = (doc: unknown, expression: unknown, options: object) => unknown;

const DATE_FIELDS = ['date', 'startDate', 'endDate'] as const;

function toPlain(value: Value): unknown {
  if (value instanceof Double || value instanceof Decimal128) return Number(value.toString());
  if (value instanceof Timestamp) return new Date(value.t * 1000);
  if (value instanceof Long) return value.toNumber();
  return value;
}

/** ObjectIds and timestamps count as the dates they hold; all else is refused. */
export function toDate(value: Value, name: string): Value {
  if (isNullish(value) || value instanceof Date) return value;
  if (value instanceof ObjectId) return value.getTimestamp();
  if (value instanceof Timestamp) return new Date(value.t * 1000);
  throw new CommandError(16006, `can't convert from BSON type ${typeName(value)} to Date (${name})`);
}

function borrowed(name: (typeof NAMES)[number]): Operator {
  const apply = mingo[name] as MingoOperator;
  return (operand, { names }) => {
    const isNamed = isDoc(operand) && !Object.keys(operand)[0]?.startsWith('$');
    const single = Array.isArray(operand) ? operand[0] : operand;
    const parts: Doc = isNamed ? operand : { date: single };
    if (Array.isArray(operand) && operand.length !== 1)
      throw new CommandError(
        40536,
        `${name} accepts exactly one argument if given an array, but was given ${operand.length}`,
      );
    const fields = Object.entries(parts).map(([field, value]): [string, Evaluate] => [
      field,
      compileWith(value, names),
    ]);
    const references = Object.fromEntries(fields.map(([field]) => [field, `$${field}`]));
    return (environment) => {
      const values: Doc = {};
      for (const [field, evaluate] of fields) setField(values, field, evaluate(environment));
      return applied(name, apply, values, references);
    };
  };
}

function applied(name: string, apply: MingoOperator, values: Doc, expression: unknown): Value {
  for (const field of DATE_FIELDS) if (field in values) values[field] = toDate(values[field], name);
  if (name !== '$dateToString' && name !== '$dateFromString' && Object.values(values).some(isNullish))
    return null;
  const plain = Object.fromEntries(Object.entries(values).map(([field, value]) => [field, toPlain(value)]));
  try {
    const result = apply(plain, expression, {}) as Value;
    return name === '$dateDiff' && typeof result === 'number' ? Long.fromNumber(result) : result;
  } catch (error) {
    if (error instanceof CommandError) throw error;
    const message = error instanceof MingoError || error instanceof Error ? error.message : String(error);
    throw new CommandError(name === '$dateFromString' ? 'ConversionFailure' : 18534, message);
  }
}

/** Dates, by mingo. */
export const LIBRARY: Readonly<Record<string, Operator>> = Object.fromEntries(
  NAMES.map((name) => [name, borrowed(name)]),
);
