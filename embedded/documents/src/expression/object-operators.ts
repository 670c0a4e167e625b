import { getField, isDoc, isNullish, setField, typeName, type Doc, type Value } from '../bson/value.js';
import { CommandError } from '../errors.js';
import { compileWith } from './compile.js';
import { namedOperands, ofArguments, type Operator } from './operator.js';

const ANY = [0, Infinity] as const;

/** The fields of documents in one, later ones over earlier ones; null and missing ones are passed over. */
export function mergeDocs(values: readonly Value[]): Doc {
  const merged: Doc = {};
  for (const value of values) {
    if (isNullish(value)) continue;
    if (!isDoc(value))
      throw new CommandError(
        40400,
        `$mergeObjects requires object inputs, but input ${JSON.stringify(value)} is of type ${typeName(value)}`,
      );
    for (const [name, item] of Object.entries(value)) setField(merged, name, item);
  }
  return merged;
}

function pairOf(item: Value): readonly [string, Value] {
  if (Array.isArray(item)) {
    const [key, value] = item;
    if (item.length !== 2)
      throw new CommandError(
        40397,
        `$arrayToObject requires an array of size 2 arrays,found array of size: ${item.length}`,
      );
    if (typeof key !== 'string')
      throw new CommandError(
        40395,
        `$arrayToObject requires an array of key-value pairs, where the key must be of type string. Found key type: ${typeName(key)}`,
      );
    return [key, value];
  }
  if (!isDoc(item))
    throw new CommandError(40398, `Unrecognised input type format for $arrayToObject: ${typeName(item)}`);
  if (Object.keys(item).length !== 2 || !('k' in item) || !('v' in item))
    throw new CommandError(40392, "$arrayToObject requires an object keys of 'k' and 'v'");
  if (typeof item.k !== 'string')
    throw new CommandError(
      40394,
      `$arrayToObject requires an object with keys 'k' and 'v', where the value of 'k' must be of type string. Found type: ${typeName(item.k)}`,
    );
  return [item.k, item.v];
}

function fieldName(operand: Value, name: string): string {
  const literal = isDoc(operand) && '$literal' in operand ? operand.$literal : operand;
  if (typeof literal !== 'string' || (literal === operand && literal.startsWith('$')))
    throw new CommandError(4161106, `${name} requires 'field' to evaluate to a constant string`);
  return literal;
}

function setting(required: readonly string[], removes: boolean): Operator {
  return (operand, { name, names }) => {
    const parts = namedOperands(operand, required, [], name, 4161100);
    const field = fieldName(parts.field, name);
    const input = compileWith(parts.input, names);
    const value = removes ? () => undefined : compileWith(parts.value, names);
    return (environment) => {
      const doc = input(environment);
      if (isNullish(doc)) return null;
      if (!isDoc(doc)) throw new CommandError(4161105, `${name} requires 'input' to evaluate to type Object`);
      const copy: Doc = { ...doc };
      setField(copy, field, value(environment));
      if (copy[field] === undefined) Reflect.deleteProperty(copy, field);
      return copy;
    };
  };
}

/** Documents. */
export const OBJECTS: Readonly<Record<string, Operator>> = {
  $mergeObjects: ofArguments(ANY, (values) => {
    const [only] = values;
    return mergeDocs(values.length === 1 && Array.isArray(only) ? only : values);
  }),
  $objectToArray: ofArguments(1, ([doc]) => {
    if (isNullish(doc)) return null;
    if (!isDoc(doc))
      throw new CommandError(40390, `$objectToArray requires a document input, found: ${typeName(doc)}`);
    return Object.entries(doc).map(([k, v]) => ({ k, v }));
  }),
  $arrayToObject: ofArguments(1, ([items]) => {
    if (isNullish(items)) return null;
    if (!Array.isArray(items))
      throw new CommandError(40386, `$arrayToObject requires an array input, found: ${typeName(items)}`);
    const doc: Doc = {};
    for (const item of items) setField(doc, ...pairOf(item));
    return doc;
  }),
  $getField: (operand, { name, names }) => {
    const isLong = isDoc(operand) && 'field' in operand;
    const parts = isLong ? namedOperands(operand, ['field'], ['input'], name, 3041701) : { field: operand };
    const field = compileWith(parts.field, names);
    const input = compileWith('input' in parts ? parts.input : '$$CURRENT', names);
    return (environment) => {
      const key = field(environment);
      if (typeof key !== 'string')
        throw new CommandError(
          3041704,
          `$getField requires 'field' to evaluate to type String, but got ${typeName(key)}`,
        );
      const doc = input(environment);
      if (isNullish(doc)) return doc === null ? null : undefined;
      return isDoc(doc) ? getField(doc, key) : undefined;
    };
  },
  $setField: setting(['field', 'input', 'value'], false),
  $unsetField: setting(['field', 'input'], true),
};
