import { isDoc, type Doc, type Value } from '../bson/value.js';
import { CommandError } from '../errors.js';
import { compileWith, type Names } from './compile.js';
import type { Evaluate } from './environment.js';

/** Where an operator is compiled: under which name, and which variables it may use. */
export interface Place {
  readonly name: string;
  readonly names: Names;
}

/** Compiles the operand of an operator. */
export type Operator = (operand: Value, place: Place) => Evaluate;

/** An operator of positional arguments, all evaluated first. */
export function ofArguments(
  count: number | readonly [least: number, most: number],
  apply: (values: Value[], name: string) => Value,
): Operator {
  return (operand, { name, names }) => {
    const items = operandList(operand, count, name).map((item) => compileWith(item, names));
    return (environment) =>
      apply(
        items.map((evaluate) => evaluate(environment)),
        name,
      );
  };
}

/** The operand as a list: what is no array is a list of one. */
export function operandList(
  operand: Value,
  count: number | readonly [least: number, most: number],
  name: string,
): Value[] {
  const items = Array.isArray(operand) ? operand : [operand];
  const [least, most] = typeof count === 'number' ? [count, count] : count;
  if (items.length >= least && items.length <= most) return items;
  if (least === most)
    throw new CommandError(
      16020,
      `Expression ${name} takes exactly ${least} arguments. ${items.length} were passed in.`,
    );
  throw new CommandError(
    28667,
    `Expression ${name} takes at least ${least} arguments, and at most ${most}, but ${items.length} were passed in.`,
  );
}

/** Reads the operand of an operator of named arguments: which are there, and that no other is. */
export function namedOperands(
  operand: Value,
  required: readonly string[],
  optional: readonly string[],
  name: string,
  code = 40095,
): Doc {
  if (!isDoc(operand))
    throw new CommandError(code, `${name} requires an object as an argument, found: ${typeof operand}`);
  for (const key of Object.keys(operand)) {
    if (!required.includes(key) && !optional.includes(key))
      throw new CommandError(code, `Unrecognized argument to ${name}: ${key}`);
  }
  for (const key of required)
    if (!(key in operand)) throw new CommandError(code, `Missing '${key}' parameter to ${name}`);
  return operand;
}

/** An operator of named arguments, all evaluated first. */
export function ofNames(
  required: readonly string[],
  optional: readonly string[],
  apply: (values: Doc, name: string) => Value,
): Operator {
  return (operand, { name, names }) => {
    const evaluates = Object.entries(namedOperands(operand, required, optional, name)).map(
      ([key, value]): [string, Evaluate] => [key, compileWith(value, names)],
    );
    return (environment) =>
      apply(Object.fromEntries(evaluates.map(([key, evaluate]) => [key, evaluate(environment)])), name);
  };
}
