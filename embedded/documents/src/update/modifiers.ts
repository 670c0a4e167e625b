import { Long, Timestamp } from 'bson';
import { add, multiply, overflowed } from '../bson/arithmetic.js';
import { compareValues } from '../bson/compare.js';
import { cloneValue, isDoc, isNumeric, typeName, type Numeric, type Value } from '../bson/value.js';
import { CommandError } from '../errors.js';
import { jsonText } from '../bson/json-text.js';
import { ARRAY_MODIFIERS } from './array-modifiers.js';

/** What a modifier makes of a field's value (undefined where it is missing). Undefined: the field is left as it is. */
export type Change = (value: Value, place: ChangePlace) => Value;

export interface ChangePlace {
  readonly path: string;
  readonly now: Date;
  readonly id: Value;
}

/** A modifier: reads its operand for one field. */
export interface Modifier {
  readonly parse: (operand: Value, path: string) => Change;
  /** Whether it makes a field (and the way to it) that is not there. */
  readonly creates: boolean;
  /** Whether it refuses a way that something on it blocks, though it makes none. */
  readonly needsWay?: boolean;
}

function arithmetic(
  name: '$inc' | '$mul',
  verb: string,
  apply: (a: Numeric, b: Numeric) => Numeric,
  whenMissing: (operand: Numeric) => Numeric,
): Modifier {
  return {
    creates: true,
    parse: (operand, path) => {
      if (!isNumeric(operand))
        throw new CommandError(
          'TypeMismatch',
          `Cannot ${verb} with non-numeric argument: {${path}: ${jsonText(operand)}}`,
        );
      return (value, place) => {
        if (value === undefined) return whenMissing(operand);
        if (!isNumeric(value))
          throw new CommandError(
            'TypeMismatch',
            `Cannot apply ${name} to a value of non-numeric type. {_id: ${jsonText(place.id)}} has the field '${place.path.split('.').at(-1) ?? ''}' of non-numeric type ${typeName(value)}`,
          );
        const result = apply(value, operand);
        if (overflowed(result, value, operand))
          throw new CommandError(
            'BadValue',
            `Failed to apply ${name} operations to current value ((NumberLong)${value.toString()}) for document {_id: ${jsonText(place.id)}}`,
          );
        return result;
      };
    },
  };
}

function extreme(sign: 1 | -1): Modifier {
  return {
    creates: true,
    parse: (operand) => (value) =>
      value === undefined || compareValues(operand, value) * sign > 0 ? cloneValue(operand) : undefined,
  };
}

const set: Modifier = { creates: true, parse: (operand) => () => cloneValue(operand) };

function currentDate(operand: Value, path: string): Change {
  const type = operand === true ? 'date' : isDoc(operand) ? operand.$type : undefined;
  if (isDoc(operand)) {
    const other = Object.keys(operand).find((key) => key !== '$type');
    if (other !== undefined) throw new CommandError('BadValue', `Unrecognized $currentDate option: ${other}`);
  } else if (typeof operand !== 'boolean') {
    throw new CommandError(
      'BadValue',
      `${typeName(operand)} is not valid type for $currentDate. Please use a boolean ('true') or a $type expression ({$type: 'timestamp/date'}).`,
    );
  }
  if (operand === false || type === 'date') return (_value, { now }) => new Date(now);
  if (type === 'timestamp') return (_value, { now }) => timestampOf(now);
  throw new CommandError(
    'BadValue',
    `The '$type' string field is required to be 'date' or 'timestamp': {$currentDate: {${path}: ${jsonText(operand)}}}`,
  );
}

/** A timestamp of a time: its seconds, and a first increment. */
export function timestampOf(time: Date): Timestamp {
  return new Timestamp({ t: Math.floor(time.getTime() / 1000), i: 1 });
}

function bitwise(operand: Value, path: string): Change {
  if (!isDoc(operand))
    throw new CommandError(
      'BadValue',
      `The $bit modifier is not compatible with a ${typeName(operand)}. You must pass in an embedded document: {$bit: {field: {and/or/xor: #}}`,
    );
  const steps = Object.entries(operand).map(([operator, mask]) => {
    if (!['and', 'or', 'xor'].includes(operator))
      throw new CommandError(
        'BadValue',
        `The $bit modifier only supports 'and', 'or', and 'xor', not '${operator}' which is an unknown operator: {${operator}: ${jsonText(mask)}}`,
      );
    if (!isWholeNumber(mask))
      throw new CommandError(
        'BadValue',
        `The $bit modifier field must be an Integer(32/64 bit); a '${typeName(mask)}' is not supported here: {${operator}: ${jsonText(mask)}}`,
      );
    return { operator, mask };
  });
  if (steps.length === 0)
    throw new CommandError(
      'BadValue',
      `You must pass in at least one bitwise operation. The format is: {$bit: {field: {and/or/xor: #}}`,
    );
  return (value, place) => {
    const start = value === undefined ? 0 : value;
    if (!isWholeNumber(start))
      throw new CommandError(
        'BadValue',
        `Cannot apply $bit to a value of non-integral type.{_id: ${jsonText(place.id)}} has the field ${path} of non-integer type ${typeName(value)}`,
      );
    return steps.reduce<Long | number>((bits, { operator, mask }) => applyBits(bits, operator, mask), start);
  };
}

function isWholeNumber(value: Value): value is Long | number {
  return typeName(value) === 'int' || typeName(value) === 'long';
}

function applyBits(bits: Long | number, operator: string, mask: Long | number): Long | number {
  const a = BigInt(bits.toString());
  const b = BigInt(mask.toString());
  const result = operator === 'and' ? a & b : operator === 'or' ? a | b : a ^ b;
  return typeof bits === 'number' && typeof mask === 'number' ? Number(result) : Long.fromBigInt(result);
}

/** The modifiers of single fields by name; `$rename` and `$setOnInsert` are the updater's own business. */
export const MODIFIERS: Readonly<Record<string, Modifier>> = {
  $set: set,
  $setOnInsert: set,
  $inc: arithmetic('$inc', 'increment', add, (operand) => operand),
  $mul: arithmetic('$mul', 'multiply', multiply, (operand) => multiply(operand, 0)),
  $min: extreme(-1),
  $max: extreme(1),
  $currentDate: { creates: true, parse: currentDate },
  $bit: { creates: true, parse: bitwise },
  ...ARRAY_MODIFIERS,
};
