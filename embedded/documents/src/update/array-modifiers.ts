import { BSONRegExp } from 'bson';
import { compareValues, equalValues } from '../bson/compare.js';
import { toNumber } from '../bson/exact.js';
import { identityOf } from '../bson/sort-key.js';
import { cloneValue, isDoc, isNumeric, typeName, type Doc, type Value } from '../bson/value.js';
import { CommandError } from '../errors.js';
import { compileMatcher, isOperatorDoc } from '../query/matcher.js';
import { compareSortValues, parseSort, sortValues } from '../query/sort.js';
import { jsonText } from '../bson/json-text.js';
import type { Change, ChangePlace, Modifier } from './modifiers.js';

const bad = (message: string): CommandError => new CommandError('BadValue', message);

function integerOperand(value: Value, what: string): number {
  const number = isNumeric(value) ? toNumber(value) : NaN;
  if (!Number.isInteger(number))
    throw bad(`The value for ${what} must be an integer value but was given type: ${typeName(value)}`);
  return number;
}

function arrayAt(value: Value, { path, id }: ChangePlace, name: string): Value[] {
  if (Array.isArray(value)) return value;
  if (name === '$push')
    throw bad(
      `The field '${path}' must be an array but is of type ${typeName(value)} in document {_id: ${jsonText(id)}}`,
    );
  throw bad(
    `Cannot apply ${name} to a non-array field. Field named '${path}' has a non-array type ${typeName(value)} in the document _id: ${jsonText(id)}`,
  );
}

interface Push {
  readonly each: readonly Value[];
  readonly position: number | undefined;
  readonly slice: number | undefined;
  readonly sort: ((items: Value[]) => Value[]) | undefined;
}

const CLAUSES = new Set(['$each', '$slice', '$sort', '$position']);

function parsePush(operand: Value): Push {
  if (!isDoc(operand) || !('$each' in operand))
    return { each: [operand], position: undefined, slice: undefined, sort: undefined };
  const { $each: each, $slice, $sort, $position } = operand;
  if (!Array.isArray(each))
    throw bad(`The argument to $each in $push must be an array but it was of type: ${typeName(each)}`);
  const unknown = Object.keys(operand).find((clause) => !CLAUSES.has(clause));
  if (unknown !== undefined) throw bad(`Unrecognized clause in $push: ${unknown}`);
  return {
    each,
    position: $position === undefined ? undefined : integerOperand($position, '$position'),
    slice: $slice === undefined ? undefined : integerOperand($slice, '$slice'),
    sort: $sort === undefined ? undefined : parsePushSort($sort),
  };
}

function parsePushSort(spec: Value): (items: Value[]) => Value[] {
  if (isNumeric(spec)) {
    const sign = toNumber(spec);
    if (sign !== 1 && sign !== -1) throw bad('The $sort element value must be either 1 or -1');
    return (items) => [...items].sort((a, b) => sign * compareValues(a, b));
  }
  if (!isDoc(spec))
    throw bad(
      'The $sort is invalid: use 1/-1 to sort the whole element, or {field:1/-1} to sort embedded fields',
    );
  if (Object.keys(spec).length === 0)
    throw bad('The $sort pattern is empty when it should be a set of fields.');
  const fields = parseSort(spec);
  return (items) =>
    items
      .map((item) => ({ item, by: sortValues(isDoc(item) ? item : {}, fields) }))
      .sort((a, b) => compareSortValues(a.by, b.by, fields))
      .map(({ item }) => item);
}

function push(operand: Value): Change {
  const { each, position, slice, sort } = parsePush(operand);
  return (value, place) => {
    const items = value === undefined ? [] : [...arrayAt(value, place, '$push')];
    const at =
      position === undefined ? items.length : position < 0 ? Math.max(items.length + position, 0) : position;
    items.splice(at, 0, ...each.map(cloneValue));
    const sorted = sort ? sort(items) : items;
    if (slice === undefined) return sorted;
    return slice < 0 ? sorted.slice(slice) : sorted.slice(0, slice);
  };
}

function addToSet(operand: Value): Change {
  const isEach = isDoc(operand) && '$each' in operand;
  if (isEach && !Array.isArray(operand.$each))
    throw new CommandError(
      'TypeMismatch',
      `The argument to $each in $addToSet must be an array but it was of type ${typeName(operand.$each)}`,
    );
  const added = isEach ? (operand.$each as Value[]) : [operand];
  return (value, place) => {
    const items = value === undefined ? [] : [...arrayAt(value, place, '$addToSet')];
    const present = new Set(items.map(identityOf));
    const before = items.length;
    for (const item of added) {
      const identity = identityOf(item);
      if (present.has(identity)) continue;
      present.add(identity);
      items.push(cloneValue(item));
    }
    return value !== undefined && items.length === before ? undefined : items;
  };
}

function pop(operand: Value, path: string): Change {
  const end = isNumeric(operand) ? toNumber(operand) : NaN;
  if (end !== 1 && end !== -1)
    throw new CommandError('FailedToParse', `$pop expects 1 or -1, found: ${jsonText(operand)}`);
  return (value) => {
    if (value === undefined) return undefined;
    if (!Array.isArray(value))
      throw new CommandError(
        'TypeMismatch',
        `Path '${path}' contains an element of non-array type '${typeName(value)}'`,
      );
    return end === 1 ? value.slice(0, -1) : value.slice(1);
  };
}

const LOGICAL = new Set(['$and', '$or', '$nor']);

/** Whether a document of operators is a query on elements that are documents. */
const isLogical = (operand: Doc): boolean => LOGICAL.has(Object.keys(operand)[0] ?? '');

/** What `$pull` takes out: by operators, by a query on documents, or by equality. */
function pullTest(operand: Value): (item: Value) => boolean {
  if (isDoc(operand) && '$not' in operand)
    throw bad(
      'unknown top level operator: $not. If you are trying to negate an entire expression, use $nor.',
    );
  if (isDoc(operand) && '$expr' in operand)
    throw new CommandError('QueryFeatureNotAllowed', '$expr is not allowed in this context');
  if (operand instanceof BSONRegExp || (isOperatorDoc(operand) && !isLogical(operand))) {
    const matches = compileMatcher({ item: operand });
    return (item) => (Array.isArray(item) ? matches({ item: [item] }) : matches({ item }));
  }
  if (!isDoc(operand)) return (item) => equalValues(item, operand);
  const matches = compileMatcher(operand, { nested: true });
  return (item) => isDoc(item) && matches(item);
}

function pull(operand: Value): Change {
  const isPulled = pullTest(operand);
  return (value) => {
    if (value === undefined) return undefined;
    if (!Array.isArray(value)) throw bad('Cannot apply $pull to a non-array value');
    const kept = value.filter((item) => !isPulled(item));
    return kept.length === value.length ? undefined : kept;
  };
}

function pullAll(operand: Value): Change {
  if (!Array.isArray(operand))
    throw bad(`$pullAll requires an array argument but was given a ${typeName(operand)}`);
  const pulled = new Set(operand.map(identityOf));
  return (value) => {
    if (value === undefined) return undefined;
    if (!Array.isArray(value)) throw bad('Cannot apply $pull to a non-array value');
    return value.filter((item) => !pulled.has(identityOf(item)));
  };
}

/** The modifiers of arrays by name. */
export const ARRAY_MODIFIERS: Readonly<Record<string, Modifier>> = {
  $push: { creates: true, parse: push },
  $addToSet: { creates: true, parse: addToSet },
  $pop: { creates: false, needsWay: true, parse: pop },
  $pull: { creates: false, needsWay: true, parse: pull },
  $pullAll: { creates: false, needsWay: true, parse: pullAll },
};
