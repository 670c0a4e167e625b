import { compareValues } from '../bson/compare.js';
import { isDoc, isNullish, type Value } from '../bson/value.js';
import { CommandError } from '../errors.js';
import { compileWith, isTruthy } from './compile.js';
import { bind } from './environment.js';
import { namedOperands, ofArguments, operandList, type Operator } from './operator.js';

const ANY = [0, Infinity] as const;

function comparison(holds: (order: number) => Value): Operator {
  return ofArguments(2, ([a, b]) => holds(compareValues(a, b)));
}

/** Comparison, boolean and conditional operators, and those that bind variables. */
export const LOGIC: Readonly<Record<string, Operator>> = {
  $eq: comparison((order) => order === 0),
  $ne: comparison((order) => order !== 0),
  $lt: comparison((order) => order < 0),
  $lte: comparison((order) => order <= 0),
  $gt: comparison((order) => order > 0),
  $gte: comparison((order) => order >= 0),
  $cmp: comparison(Math.sign),

  $and: (operand, { name, names }) => {
    const items = operandList(operand, ANY, name).map((item) => compileWith(item, names));
    return (environment) => items.every((evaluate) => isTruthy(evaluate(environment)));
  },
  $or: (operand, { name, names }) => {
    const items = operandList(operand, ANY, name).map((item) => compileWith(item, names));
    return (environment) => items.some((evaluate) => isTruthy(evaluate(environment)));
  },
  $not: ofArguments(1, ([value]) => !isTruthy(value)),

  $cond: (operand, { name, names }) => {
    const parts = isDoc(operand)
      ? Object.values(inOrder(namedOperands(operand, ['if', 'then', 'else'], [], name, 17080)))
      : operandList(operand, 3, name);
    const [condition, then, otherwise] = parts.map((part) => compileWith(part, names));
    return (environment) =>
      isTruthy(condition?.(environment)) ? then?.(environment) : otherwise?.(environment);
  },
  $ifNull: (operand, { name, names }) => {
    const items = operandList(operand, ANY, name).map((item) => compileWith(item, names));
    if (items.length < 2) throw new CommandError(1257300, '$ifNull needs at least two arguments');
    return (environment) => {
      let value: Value;
      for (const evaluate of items) {
        value = evaluate(environment);
        if (!isNullish(value)) return value;
      }
      return value;
    };
  },
  $switch: (operand, { name, names }) => {
    const { branches, default: fallback } = namedOperands(operand, ['branches'], ['default'], name, 40067);
    if (!Array.isArray(branches)) throw new CommandError(40061, "$switch expected an array for 'branches'");
    if (branches.length === 0) throw new CommandError(40068, '$switch requires at least one branch.');
    const compiled = branches.map((branch) => {
      const parts = namedOperands(branch, ['case', 'then'], [], name, 40062);
      return { when: compileWith(parts.case, names), then: compileWith(parts.then, names) };
    });
    const otherwise = fallback === undefined ? undefined : compileWith(fallback, names);
    return (environment) => {
      const branch = compiled.find(({ when }) => isTruthy(when(environment)));
      if (branch) return branch.then(environment);
      if (!otherwise)
        throw new CommandError(
          40066,
          '$switch could not find a matching branch for an input, and no default was specified.',
        );
      return otherwise(environment);
    };
  },

  $let: (operand, { name, names }) => {
    const { vars, in: body } = namedOperands(operand, ['vars', 'in'], [], name, 16875);
    if (!isDoc(vars)) throw new CommandError(16876, 'invalid parameter: expected an object (vars)');
    const bindings = Object.entries(vars).map(
      ([variable, value]) => [variable, compileWith(value, names)] as const,
    );
    const inner = compileWith(body, new Set([...names, ...Object.keys(vars)]));
    return (environment) => {
      const values = bindings.map(([variable, evaluate]) => [variable, evaluate(environment)] as const);
      return inner(values.reduce((scope, [variable, value]) => bind(scope, variable, value), environment));
    };
  },
  $literal: (operand) => () => operand,
  $expr: (operand, { names }) => compileWith(operand, names),
  $const: (operand) => () => operand,
  $rand: () => () => Math.random(),
};

function inOrder({ if: condition, then, else: otherwise }: Record<string, Value>): Record<string, Value> {
  return { if: condition, then, else: otherwise };
}
