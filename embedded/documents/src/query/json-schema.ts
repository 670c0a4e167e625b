import { BSONRegExp } from 'bson';
import { jsonText } from '../bson/json-text.js';
import { compareNumbers, equalValues } from '../bson/compare.js';
import { toNumber } from '../bson/exact.js';
import { identityOf } from '../bson/sort-key.js';
import { getField, isDoc, isNumeric, typeName, type Doc, type Numeric, type Value } from '../bson/value.js';
import { CommandError } from '../errors.js';
import { toRegExp } from './regex.js';
import { parseTypes } from './value-tests.js';

type Check = (value: Value) => boolean;

const JSON_TYPES: Readonly<Record<string, Value>> = {
  object: 'object',
  array: 'array',
  number: 'number',
  boolean: 'bool',
  string: 'string',
  null: 'null',
};

const ANNOTATIONS = new Set(['title', 'description', '$comment', 'encrypt', 'encryptMetadata']);

/**
 * Compiles MongoDB's dialect of JSON Schema (draft 4 with `bsonType`).
 *
 * @throws {@link CommandError} `FailedToParse` for keywords that the dialect does not have, `TypeMismatch` for wrong operands.
 */
export function compileJsonSchema(schema: Value): (doc: Doc) => boolean {
  if (!isDoc(schema)) throw new CommandError('TypeMismatch', '$jsonSchema must be an object');
  return compile(schema);
}

function compile(schema: Value): Check {
  if (!isDoc(schema)) throw mismatch('a schema', 'an object');
  const checks = Object.entries(schema).flatMap(([keyword, operand]) => {
    if (ANNOTATIONS.has(keyword)) return [];
    if (!Object.hasOwn(KEYWORDS, keyword))
      throw new CommandError('FailedToParse', `Unknown $jsonSchema keyword: ${keyword}`);
    const check = KEYWORDS[keyword]?.(operand, schema);
    return check ? [check] : [];
  });
  return (value) => checks.every((check) => check(value));
}

const mismatch = (keyword: string, wanted: string): CommandError =>
  new CommandError('TypeMismatch', `$jsonSchema keyword '${keyword}' must be ${wanted}`);

/** A keyword limits values of one kind and lets all others pass. */
const forStrings =
  (check: (value: string) => boolean): Check =>
  (value) =>
    typeof value !== 'string' || check(value);
const forNumbers =
  (check: (value: Numeric) => boolean): Check =>
  (value) =>
    !isNumeric(value) || check(value);
const forArrays =
  (check: (value: Value[]) => boolean): Check =>
  (value) =>
    !Array.isArray(value) || check(value);
const forDocs =
  (check: (value: Doc) => boolean): Check =>
  (value) =>
    !isDoc(value) || check(value);

function count(keyword: string, operand: Value): number {
  const number = isNumeric(operand) ? toNumber(operand) : NaN;
  if (!Number.isInteger(number) || number < 0) throw mismatch(keyword, 'a non-negative whole number');
  return number;
}

function bound(keyword: string, operand: Value): Numeric {
  if (!isNumeric(operand)) throw mismatch(keyword, 'a number');
  return operand;
}

function schemas(keyword: string, operand: Value): Check[] {
  if (!Array.isArray(operand) || operand.length === 0) throw mismatch(keyword, 'a non-empty array');
  return operand.map(compile);
}

function schemaMap(keyword: string, operand: Value): [string, Check][] {
  if (!isDoc(operand)) throw mismatch(keyword, 'an object');
  return Object.entries(operand).map(([name, schema]) => [name, compile(schema)]);
}

function names(keyword: string, operand: Value): string[] {
  if (!Array.isArray(operand) || operand.length === 0) throw mismatch(keyword, 'a non-empty array');
  return operand.map((name) => {
    if (typeof name !== 'string') throw mismatch(keyword, 'an array of strings');
    return name;
  });
}

const codePoints = (text: string): number => Array.from(text).length;

const KEYWORDS: Readonly<Record<string, (operand: Value, schema: Doc) => Check | undefined>> = {
  bsonType: (operand) => typed(parseTypes(operand)),
  type: (operand) => {
    const items = (Array.isArray(operand) ? operand : [operand]).map((item) => {
      const type = typeof item === 'string' ? JSON_TYPES[item] : undefined;
      if (type === undefined)
        throw new CommandError('BadValue', `Unknown type name alias: ${jsonText(item)}`);
      return type;
    });
    return typed(parseTypes(items));
  },
  enum: (operand) => {
    if (!Array.isArray(operand) || operand.length === 0) throw mismatch('enum', 'a non-empty array');
    return (value) => operand.some((item) => equalValues(item, value));
  },
  allOf: (operand) => {
    const all = schemas('allOf', operand);
    return (value) => all.every((check) => check(value));
  },
  anyOf: (operand) => {
    const any = schemas('anyOf', operand);
    return (value) => any.some((check) => check(value));
  },
  oneOf: (operand) => {
    const one = schemas('oneOf', operand);
    return (value) => one.filter((check) => check(value)).length === 1;
  },
  not: (operand) => {
    const not = compile(operand);
    return (value) => !not(value);
  },
  minimum: (operand, { exclusiveMinimum }) => {
    const least = bound('minimum', operand);
    return forNumbers((value) => compareNumbers(value, least) > (exclusiveMinimum === true ? 0 : -1));
  },
  maximum: (operand, { exclusiveMaximum }) => {
    const most = bound('maximum', operand);
    return forNumbers((value) => compareNumbers(value, most) < (exclusiveMaximum === true ? 0 : 1));
  },
  exclusiveMinimum: (operand, schema) => needs('exclusiveMinimum', 'minimum', operand, schema),
  exclusiveMaximum: (operand, schema) => needs('exclusiveMaximum', 'maximum', operand, schema),
  multipleOf: (operand) => {
    const by = toNumber(bound('multipleOf', operand));
    if (by <= 0) throw mismatch('multipleOf', 'positive');
    return forNumbers((value) => Number.isInteger(toNumber(value) / by));
  },
  minLength: (operand) => {
    const least = count('minLength', operand);
    return forStrings((value) => codePoints(value) >= least);
  },
  maxLength: (operand) => {
    const most = count('maxLength', operand);
    return forStrings((value) => codePoints(value) <= most);
  },
  pattern: (operand) => {
    if (typeof operand !== 'string') throw mismatch('pattern', 'a string');
    const regex = toRegExp(new BSONRegExp(operand));
    return forStrings((value) => regex.test(value));
  },
  minItems: (operand) => {
    const least = count('minItems', operand);
    return forArrays((items) => items.length >= least);
  },
  maxItems: (operand) => {
    const most = count('maxItems', operand);
    return forArrays((items) => items.length <= most);
  },
  uniqueItems: (operand) => {
    if (typeof operand !== 'boolean') throw mismatch('uniqueItems', 'a boolean');
    return operand ? forArrays((items) => new Set(items.map(identityOf)).size === items.length) : undefined;
  },
  items: (operand, { additionalItems }) => {
    if (!Array.isArray(operand)) {
      const each = compile(operand);
      return forArrays((items) => items.every(each));
    }
    const heads = operand.map(compile);
    const rest = additional(additionalItems);
    return forArrays((items) => items.every((item, at) => (heads[at] ?? rest)(item)));
  },
  additionalItems: () => undefined,
  required: (operand) => {
    const wanted = names('required', operand);
    return forDocs((doc) => wanted.every((name) => getField(doc, name) !== undefined));
  },
  minProperties: (operand) => {
    const least = count('minProperties', operand);
    return forDocs((doc) => Object.keys(doc).length >= least);
  },
  maxProperties: (operand) => {
    const most = count('maxProperties', operand);
    return forDocs((doc) => Object.keys(doc).length <= most);
  },
  properties: (operand) => {
    const properties = schemaMap('properties', operand);
    return forDocs((doc) =>
      properties.every(([name, check]) => {
        const value = getField(doc, name);
        return value === undefined || check(value);
      }),
    );
  },
  patternProperties: (operand) => {
    const patterns = byPattern(operand);
    return forDocs((doc) =>
      Object.entries(doc).every(([name, value]) =>
        patterns.every(([regex, check]) => !regex.test(name) || check(value)),
      ),
    );
  },
  additionalProperties: (operand, { properties, patternProperties }) => {
    const check = additional(operand);
    const known = new Set(isDoc(properties) ? Object.keys(properties) : []);
    const patterns = byPattern(patternProperties ?? {});
    const isExtra = (name: string): boolean =>
      !known.has(name) && !patterns.some(([regex]) => regex.test(name));
    return forDocs((doc) => Object.entries(doc).every(([name, value]) => !isExtra(name) || check(value)));
  },
  dependencies: (operand) => {
    if (!isDoc(operand)) throw mismatch('dependencies', 'an object');
    const dependencies = Object.entries(operand).map(([name, on]): [string, Check] => [name, dependency(on)]);
    return forDocs((doc) =>
      dependencies.every(([name, check]) => getField(doc, name) === undefined || check(doc)),
    );
  },
};

function typed(types: ReadonlySet<string>): Check {
  return (value) => types.has(typeName(value));
}

function needs(keyword: string, other: string, operand: Value, schema: Doc): undefined {
  if (typeof operand !== 'boolean') throw mismatch(keyword, 'a boolean');
  if (!(other in schema))
    throw new CommandError('FailedToParse', `$jsonSchema keyword '${keyword}' needs '${other}' beside it`);
}

function additional(operand: Value): Check {
  if (operand === undefined || operand === true) return () => true;
  return operand === false ? () => false : compile(operand);
}

function byPattern(operand: Value): [RegExp, Check][] {
  return schemaMap('patternProperties', operand).map(([pattern, check]) => [
    toRegExp(new BSONRegExp(pattern)),
    check,
  ]);
}

function dependency(on: Value): Check {
  if (!Array.isArray(on)) return compile(on);
  const wanted = names('dependencies', on);
  return forDocs((doc) => wanted.every((name) => getField(doc, name) !== undefined));
}
