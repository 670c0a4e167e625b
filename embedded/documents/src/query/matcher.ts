import { BSONRegExp } from 'bson';
import type { StringOrder } from '../bson/compare.js';
import { toNumber } from '../bson/exact.js';
import { isDoc, isNumeric, typeName, type Doc, type Value } from '../bson/value.js';
import { CommandError } from '../errors.js';
import { compileExpression, isTruthy, type Scope } from '../expression/compile.js';
import { anyAtPath, type MatchPosition, type ValueTest } from './path.js';
import { compileJsonSchema } from './json-schema.js';
import { compares, equals, hasBits, hasRemainder, hasType, isIn, matchesRegex } from './value-tests.js';

/** A compiled query. */
export type Matcher = (doc: Doc, position?: MatchPosition) => boolean;

export interface MatcherOptions {
  /** The order of strings of the operation's collation; binary where left out. */
  readonly strings?: StringOrder;
  /** Variables (`let`, `$$NOW`) that `$expr` can name. */
  readonly scope?: Scope;
  /** Whether the query may hold `$expr`, `$where` and the like; not inside `$elemMatch` or array filters. */
  readonly nested?: boolean;
}

/** A DBRef's fields, which are fields in spite of their names. */
const REFERENCE = new Set(['$ref', '$id', '$db']);

type Test = (doc: Doc, position: MatchPosition) => boolean;

const bad = (message: string): CommandError => new CommandError('BadValue', message);

/**
 * Compiles a query, with every mistake in it found now, whether or not a document ever comes by.
 *
 * @throws {@link CommandError} with MongoDB's code for the mistake.
 */
export function compileMatcher(filter: Doc, options: MatcherOptions = {}): Matcher {
  const test = compileQuery(filter, options);
  return (doc, position = { index: undefined }) => test(doc, position);
}

function compileQuery(filter: Doc, options: MatcherOptions): Test {
  const tests = Object.entries(filter).map(([name, operand]) =>
    name.startsWith('$') && !REFERENCE.has(name)
      ? compileTopLevel(name, operand, options)
      : compileField(name, operand, options),
  );
  return every(tests);
}

function every(tests: readonly Test[]): Test {
  const [only] = tests;
  if (tests.length === 1 && only) return only;
  return (doc, position) => tests.every((test) => test(doc, position));
}

function compileTopLevel(name: string, operand: Value, options: MatcherOptions): Test {
  switch (name) {
    case '$and':
      return every(clauses(name, operand, options));
    case '$or': {
      const tests = clauses(name, operand, options);
      return (doc, position) => tests.some((test) => test(doc, position));
    }
    case '$nor': {
      const tests = clauses(name, operand, options);
      return (doc) => !tests.some((test) => test(doc, { index: undefined }));
    }
    case '$comment':
      return () => true;
    case '$expr':
      return compileExpr(operand, options);
    case '$jsonSchema':
      return compileJsonSchema(operand);
    case '$alwaysTrue':
      return () => true;
    case '$alwaysFalse':
      return () => false;
    case '$sampleRate': {
      const rate = isNumeric(operand) ? toNumber(operand) : NaN;
      if (!(rate >= 0 && rate <= 1)) throw bad('numeric argument to $sampleRate must be in [0, 1]');
      return () => Math.random() < rate;
    }
    case '$text':
      throw new CommandError('IndexNotFound', 'text index required for $text query');
    case '$where':
      throw new CommandError(6108304, 'no globalScriptEngine in $where parsing');
    default:
      throw bad(
        `unknown top level operator: ${name}. If you have a field name that starts with a '$' symbol, consider using $getField or $setField.`,
      );
  }
}

function clauses(name: string, operand: Value, options: MatcherOptions): Test[] {
  if (!Array.isArray(operand)) throw bad(`${name} must be an array`);
  if (operand.length === 0) throw bad('$and/$or/$nor must be a nonempty array');
  return operand.map((clause) => {
    if (!isDoc(clause)) throw bad('$or/$and/$nor entries need to be full objects');
    return compileQuery(clause, options);
  });
}

function compileExpr(operand: Value, options: MatcherOptions): Test {
  if (options.nested) throw bad('$expr can only be applied to the top-level document');
  const evaluate = compileExpression(operand, options.scope);
  return (doc) => isTruthy(evaluate(doc));
}

function compileField(path: string, operand: Value, options: MatcherOptions): Test {
  const parts = path.split('.');
  if (!isOperatorDoc(operand)) {
    const test = operand instanceof BSONRegExp ? matchesRegex(operand) : equals(operand, options.strings);
    return (doc, position) => anyAtPath(doc, parts, test, position);
  }
  return conjunction(compileOperators(operand, options)).onPath(parts);
}

/** `{$gt: 1}` is a document of operators, `{a: 1}` a value to equal; a DBRef's `$ref` and `$id` are fields. */
export function isOperatorDoc(value: Value): value is Doc {
  if (!isDoc(value)) return false;
  const first = Object.keys(value)[0];
  return first?.startsWith('$') === true && !REFERENCE.has(first);
}

/** What operators ask of a field: of the values that its path leads to, or of one value by itself (an element inside `$elemMatch`). */
interface FieldTest {
  readonly onPath: (parts: readonly string[]) => Test;
  readonly onValue: ValueTest;
}

/** @param expand - whether an array stands for its elements too. */
function passes(test: ValueTest, expand = true): FieldTest {
  return {
    onPath: (parts) => (doc, position) => anyAtPath(doc, parts, test, position, expand),
    onValue: test,
  };
}

function negation({ onPath, onValue }: FieldTest): FieldTest {
  return {
    onPath: (parts) => {
      const test = onPath(parts);
      return (doc) => !test(doc, { index: undefined });
    },
    onValue: (value, position) => !onValue(value, position),
  };
}

function conjunction(fields: readonly FieldTest[]): FieldTest {
  const [only] = fields;
  if (fields.length === 1 && only) return only;
  return {
    onPath: (parts) => every(fields.map((field) => field.onPath(parts))),
    onValue: (value, position) => fields.every((field) => field.onValue(value, position)),
  };
}

function compileOperators(operators: Doc, options: MatcherOptions): FieldTest[] {
  return Object.entries(operators).flatMap(([name, operand]) => {
    if (name === '$options') {
      if (!('$regex' in operators)) throw bad('$options needs a $regex');
      return [];
    }
    return [compileOperator(name, operand, operators, options)];
  });
}

function compileOperator(name: string, operand: Value, operators: Doc, options: MatcherOptions): FieldTest {
  const { strings } = options;
  switch (name) {
    case '$eq':
      return passes(equals(operand, strings));
    case '$ne':
      if (operand instanceof BSONRegExp) throw bad("Can't have regex as arg to $ne.");
      return negation(passes(equals(operand, strings)));
    case '$lt':
    case '$lte':
    case '$gt':
    case '$gte':
      return passes(compares(name, operand, strings));
    case '$in':
      rejectOperators(name, operand);
      return passes(isIn(operand, strings));
    case '$nin':
      rejectOperators(name, operand);
      return negation(passes(isIn(operand, strings, name)));
    case '$exists':
      return isTruthy(operand) ? exists : negation(exists);
    case '$type':
      return passes(hasType(operand));
    case '$mod':
      return passes(hasRemainder(operand));
    case '$regex':
      return passes(matchesRegex(readRegex(operand, operators.$options)));
    case '$size':
      return passes(hasSize(operand), false);
    case '$all':
      return compileAll(operand, options);
    case '$elemMatch':
      return compileElemMatch(operand, options);
    case '$not':
      return compileNot(operand, options);
    case '$bitsAllSet':
    case '$bitsAllClear':
    case '$bitsAnySet':
    case '$bitsAnyClear':
      return passes(hasBits(name, operand));
    case '$near':
    case '$nearSphere':
    case '$geoWithin':
    case '$geoIntersects':
    case '$within':
    case '$geoNear':
      throw new CommandError('NotImplemented', `Geospatial queries (${name}) are not supported`);
    default:
      throw bad(`unknown operator: ${name}`);
  }
}

function rejectOperators(name: string, operand: Value): void {
  if (Array.isArray(operand) && operand.some(isOperatorDoc)) throw bad(`cannot nest $ under ${name}`);
}

function readRegex(operand: Value, flags: Value): BSONRegExp {
  if (flags !== undefined && typeof flags !== 'string') throw bad('$options has to be a string');
  if (operand instanceof BSONRegExp) {
    if (operand.options !== '' && flags !== undefined && flags !== '')
      throw new CommandError(51075, 'options set in both $regex and $options');
    return new BSONRegExp(operand.pattern, flags ?? operand.options);
  }
  if (typeof operand !== 'string') throw bad('$regex has to be a string');
  return new BSONRegExp(operand, flags ?? '');
}

function hasSize(operand: Value): ValueTest {
  if (!isNumeric(operand))
    throw bad(`Failed to parse $size. Expected a number in: $size: ${typeName(operand)}`);
  const size = toNumber(operand);
  if (!Number.isInteger(size)) throw bad(`Failed to parse $size. Expected an integer: $size: ${size}`);
  if (size < 0) throw bad(`Failed to parse $size. Expected a non-negative number in: $size: ${size}`);
  return (value) => Array.isArray(value) && value.length === size;
}

function compileAll(operand: Value, options: MatcherOptions): FieldTest {
  if (!Array.isArray(operand)) throw bad('$all needs an array');
  if (operand.length === 0) return passes(() => false);
  const each = operand.map((item): FieldTest => {
    if (isDoc(item) && '$elemMatch' in item) return compileElemMatch(item.$elemMatch, options);
    if (isOperatorDoc(item)) throw bad('no $ expressions in $all');
    return passes(item instanceof BSONRegExp ? matchesRegex(item) : equals(item, options.strings));
  });
  return conjunction(each);
}

const exists = passes((value) => value !== undefined, false);

const LOGICAL = new Set(['$and', '$or', '$nor', '$where']);

function compileElemMatch(operand: Value, options: MatcherOptions): FieldTest {
  if (!isDoc(operand)) throw bad('$elemMatch needs an Object');
  const byValue = isOperatorDoc(operand) && !LOGICAL.has(Object.keys(operand)[0] ?? '');
  const element = byValue ? elementByValue(operand, options) : elementByQuery(operand, options);
  return passes((value, position) => {
    if (!Array.isArray(value)) return false;
    const index = value.findIndex((item) => element(item));
    if (index >= 0) position.index = index;
    return index >= 0;
  }, false);
}

function elementByValue(operand: Doc, options: MatcherOptions): (item: Value) => boolean {
  const { onValue } = conjunction(compileOperators(operand, options));
  return (item) => onValue(item, { index: undefined });
}

function elementByQuery(operand: Doc, options: MatcherOptions): (item: Value) => boolean {
  const query = compileQuery(operand, { ...options, nested: true });
  return (item) => {
    if (Array.isArray(item)) return query(Object.fromEntries(item.entries()), { index: undefined });
    return isDoc(item) && query(item, { index: undefined });
  };
}

function compileNot(operand: Value, options: MatcherOptions): FieldTest {
  if (operand instanceof BSONRegExp) return negation(passes(matchesRegex(operand)));
  if (!isDoc(operand)) throw bad('$not needs a regex or a document');
  if (Object.keys(operand).length === 0) throw bad('$not cannot be empty');
  if (!isOperatorDoc(operand)) throw bad(`unknown operator: ${Object.keys(operand)[0] ?? ''}`);
  return negation(conjunction(compileOperators(operand, options)));
}
