import { toNumber } from '../bson/exact.js';
import { isDoc, isNumeric, isNullish, setField, type Doc, type Value } from '../bson/value.js';
import { CommandError } from '../errors.js';
import { lookUp, resolvePath, type Binding, type Environment, type Evaluate } from './environment.js';
import { findOperator } from './operators.js';

/** Variables that an expression may name besides the system's, with their values. */
export interface Scope {
  readonly variables?: Doc;
  /** `$$NOW` of the operation. */
  readonly now?: Date;
}

/** Names that `$$` finds while an expression is compiled. */
export type Names = ReadonlySet<string>;

const SYSTEM = ['ROOT', 'CURRENT', 'REMOVE', 'NOW', 'DESCEND', 'PRUNE', 'KEEP'];
const SYSTEM_NAMES: Names = new Set(SYSTEM);

/**
 * Compiles an aggregation expression.
 *
 * @returns a function from a document to the expression's value; undefined where it is missing.
 * @throws {@link CommandError} with MongoDB's code where the expression is malformed.
 */
export function compileExpression(expression: Value, scope: Scope = {}): (doc: Doc, extra?: Doc) => Value {
  const variables = scope.variables ?? {};
  const evaluate = compileWith(expression, new Set([...SYSTEM, ...Object.keys(variables)]));
  const base = bindAll({ NOW: scope.now ?? new Date(), ...variables }, undefined);
  return (root, extra) => evaluate({ root, variables: extra ? bindAll(extra, base) : base });
}

/** The same with further variable names, whose values come with each evaluation. */
export function compileExpressionWith(
  expression: Value,
  scope: Scope,
  names: readonly string[],
): (doc: Doc, extra: Doc) => Value {
  const known = new Set([...SYSTEM, ...Object.keys(scope.variables ?? {}), ...names]);
  const evaluate = compileWith(expression, known);
  const base = bindAll({ NOW: scope.now ?? new Date(), ...scope.variables }, undefined);
  return (root, extra) => evaluate({ root, variables: bindAll(extra, base) });
}

function bindAll(values: Doc, outer: Binding | undefined): Binding | undefined {
  let binding = outer;
  for (const [name, value] of Object.entries(values)) binding = { name, value, outer: binding };
  return binding;
}

/** Whether a value counts as true: all but false, null, missing and zero. */
export function isTruthy(value: Value): boolean {
  if (typeof value === 'boolean') return value;
  return !isNullish(value) && !(isNumeric(value) && toNumber(value) === 0);
}

/** Compiles an expression whose surroundings bind these names. */
export function compileWith(expression: Value, names: Names = SYSTEM_NAMES): Evaluate {
  if (typeof expression === 'string' && expression.startsWith('$')) return compilePath(expression, names);
  if (Array.isArray(expression)) return compileArray(expression, names);
  if (isDoc(expression)) return compileDocument(expression, names);
  return () => expression;
}

function compilePath(expression: string, names: Names): Evaluate {
  if (!expression.startsWith('$$')) {
    const parts = pathParts(expression.slice(1));
    const [only] = parts;
    if (parts.length === 1 && only !== undefined)
      return ({ root }) => (Object.hasOwn(root, only) ? root[only] : undefined);
    return ({ root }) => resolvePath(root, parts);
  }
  const [name = '', ...parts] = pathParts(expression.slice(2));
  if (!names.has(name)) throw new CommandError(17276, `Use of undefined variable: ${name}`);
  if (parts.length === 0) return (environment) => variable(environment, name);
  return (environment) => resolvePath(variable(environment, name), parts);
}

function variable(environment: Environment, name: string): Value {
  if (name === 'ROOT') return environment.root;
  if (name === 'CURRENT') return lookUp(environment.variables, 'CURRENT') ?? environment.root;
  if (name === 'REMOVE') return undefined;
  if (name === 'DESCEND' || name === 'PRUNE' || name === 'KEEP') return name;
  return lookUp(environment.variables, name);
}

function pathParts(path: string): string[] {
  if (path === '') throw new CommandError(16872, "'$' by itself is not a valid FieldPath");
  const parts = path.split('.');
  for (const part of parts) {
    if (part === '') throw new CommandError(15998, 'FieldPath field names may not be empty strings.');
    if (part.startsWith('$'))
      throw new CommandError(
        16410,
        "FieldPath field names may not start with '$'. Consider using $getField or $setField.",
      );
  }
  return parts;
}

function compileArray(items: readonly Value[], names: Names): Evaluate {
  const evaluates = items.map((item) => compileWith(item, names));
  return (environment) => evaluates.map((evaluate) => evaluate(environment) ?? null);
}

function compileDocument(expression: Doc, names: Names): Evaluate {
  const [first] = Object.keys(expression);
  if (first?.startsWith('$')) return compileOperator(first, expression, names);
  const fields = Object.entries(expression).map(([name, value]): [string, Evaluate] => {
    if (name.startsWith('$'))
      throw new CommandError(
        16410,
        `FieldPath field names may not start with '$'. Consider using $getField or $setField.`,
      );
    if (name.includes('.'))
      throw new CommandError(
        16412,
        "FieldPath field names may not contain '.'. Consider using $getField or $setField.",
      );
    return [name, compileWith(value, names)];
  });
  return (environment) => {
    const doc: Doc = {};
    for (const [name, evaluate] of fields) {
      const value = evaluate(environment);
      if (value !== undefined) setField(doc, name, value);
    }
    return doc;
  };
}

function compileOperator(name: string, expression: Doc, names: Names): Evaluate {
  if (Object.keys(expression).length !== 1)
    throw new CommandError(
      15983,
      `An object representing an expression must have exactly one field: ${JSON.stringify(expression)}`,
    );
  const operator = findOperator(name);
  if (!operator) throw new CommandError('InvalidPipelineOperator', `Unrecognized expression '${name}'`);
  return operator(expression[name], { names, name });
}
