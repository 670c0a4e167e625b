import { compareValues } from '../bson/compare.js';
import { toNumber } from '../bson/exact.js';
import { identityOf } from '../bson/sort-key.js';
import { isDoc, isNumeric, rankOf, setField, typeName, type Doc, type Value } from '../bson/value.js';
import { CommandError } from '../errors.js';
import { compileExpression, type Scope } from '../expression/compile.js';
import { ACCUMULATORS, type Accumulator, type NewAccumulator } from './accumulators.js';
import { MemoryMeter, chunked, scopeOf, sizeOf, type DocStream, type StageCompiler } from './stage.js';

/** The fields of a group and how each is gathered. */
export type GroupFields = readonly (readonly [name: string, create: NewAccumulator])[];

/** @throws {@link CommandError} with MongoDB's code where a field is no accumulator. */
export function compileFields(fields: Doc, scope: Scope): GroupFields {
  return Object.entries(fields).map(([name, spec]) => {
    if (name.includes('.')) throw new CommandError(40235, `The field name '${name}' cannot contain '.'`);
    if (name.startsWith('$'))
      throw new CommandError(40236, `The field name '${name}' cannot be an operator name`);
    if (!isDoc(spec)) throw new CommandError(40234, `The field '${name}' must be an accumulator object`);
    const [operator, ...others] = Object.keys(spec);
    if (operator === undefined || others.length > 0)
      throw new CommandError(40238, `The field '${name}' must specify one accumulator`);
    const compile = Object.hasOwn(ACCUMULATORS, operator) ? ACCUMULATORS[operator] : undefined;
    if (!compile) {
      throw operator.startsWith('$')
        ? new CommandError(15952, `unknown group operator '${operator}'`)
        : new CommandError(40234, `The field '${name}' must be an accumulator object`);
    }
    return [name, compile(spec[operator], scope, operator)] as const;
  });
}

interface Group {
  readonly id: Value;
  readonly accumulators: readonly Accumulator[];
}

/** Documents gathered into groups by a key. */
export class Groups {
  readonly #fields: GroupFields;
  readonly #meter: MemoryMeter;
  readonly #groups = new Map<string, Group>();

  constructor(fields: GroupFields, stage: string) {
    this.#fields = fields;
    this.#meter = new MemoryMeter(stage);
  }

  add(id: Value, doc: Doc): void {
    const identity = identityOf(id ?? null);
    let group = this.#groups.get(identity);
    if (!group) {
      group = { id: id ?? null, accumulators: this.#fields.map(([, create]) => create()) };
      this.#groups.set(identity, group);
      this.#meter.add(identity.length + 64 + this.#fields.length * 64);
    }
    for (const accumulator of group.accumulators) {
      const held = accumulator.add(doc);
      if (held !== undefined) this.#meter.add(sizeOf(held));
    }
  }

  *results(): Generator<Doc> {
    for (const { id, accumulators } of this.#groups.values()) yield this.#result(id, accumulators);
  }

  #result(id: Value, accumulators: readonly Accumulator[]): Doc {
    const doc: Doc = { _id: id };
    for (const [at, [name]] of this.#fields.entries()) setField(doc, name, accumulators[at]?.result());
    return doc;
  }
}

/** `$group` */
export const group: StageCompiler = (operand, context) => {
  if (!isDoc(operand)) throw new CommandError(15947, "a group's fields must be specified in an object");
  if (!('_id' in operand)) throw new CommandError(15955, 'a group specification must include an _id');
  const { _id: key, ...rest } = operand;
  const scope = scopeOf(context);
  const keyOf = compileExpression(key, scope);
  const fields = compileFields(rest, scope);
  return async function* (input) {
    const groups = new Groups(fields, '$group');
    for await (const docs of input) for (const doc of docs) groups.add(keyOf(doc), doc);
    yield* chunked(groups.results());
  };
};

/** `$bucket` */
export const bucket: StageCompiler = (operand, context) => {
  if (!isDoc(operand))
    throw new CommandError(
      40201,
      `Argument to $bucket stage must be an object, but found type: ${typeName(operand)}.`,
    );
  const unknown = Object.keys(operand).find(
    (key) => !['groupBy', 'boundaries', 'default', 'output'].includes(key),
  );
  if (unknown !== undefined) throw new CommandError(40197, `Unrecognized option to $bucket: ${unknown}.`);
  const { groupBy, boundaries, output } = operand;
  if (groupBy === undefined || !Array.isArray(boundaries))
    throw new CommandError(40198, "$bucket requires 'groupBy' and 'boundaries' to be specified.");
  if (boundaries.length < 2)
    throw new CommandError(
      40192,
      `The $bucket 'boundaries' field must have at least 2 values, but found ${boundaries.length} value(s).`,
    );
  for (const [at, boundary] of boundaries.entries()) {
    const before = boundaries[at - 1];
    if (at > 0 && rankOf(before) !== rankOf(boundary))
      throw new CommandError(
        40193,
        `All values in the the 'boundaries' option to $bucket must have the same type.`,
      );
    if (at > 0 && compareValues(before, boundary) >= 0)
      throw new CommandError(
        40194,
        "The 'boundaries' option to $bucket must be sorted, but elements are not.",
      );
  }
  const scope = scopeOf(context);
  const valueOf = compileExpression(groupBy, scope);
  const fields = compileFields(isDoc(output) ? output : { count: { $sum: 1 } }, scope);
  const fallback = 'default' in operand ? { id: operand.default ?? null } : undefined;
  const idOf = (doc: Doc): Value => {
    const value = valueOf(doc) ?? null;
    const at = boundaries.findIndex((boundary) => compareValues(value, boundary) < 0);
    if (at > 0) return boundaries[at - 1];
    if (!fallback)
      throw new CommandError(
        40066,
        '$switch could not find a matching branch for an input, and no default was specified.',
      );
    return fallback.id;
  };
  return async function* (input) {
    const groups = new Groups(fields, '$bucket');
    for await (const docs of input) for (const doc of docs) groups.add(idOf(doc), doc);
    yield* chunked([...groups.results()].sort((a, b) => compareValues(a._id, b._id)));
  };
};

/** `$bucketAuto` */
export const bucketAuto: StageCompiler = (operand, context) => {
  if (!isDoc(operand))
    throw new CommandError(
      40240,
      `The argument to $bucketAuto must be an object, but found type: ${typeName(operand)}.`,
    );
  const { groupBy, buckets, output, granularity } = operand;
  if (groupBy === undefined || !isNumeric(buckets))
    throw new CommandError(40246, "$bucketAuto requires 'groupBy' and 'buckets' to be specified.");
  if (granularity !== undefined)
    throw new CommandError('NotImplemented', "$bucketAuto: 'granularity' is not supported");
  const count = toNumber(buckets);
  if (!Number.isInteger(count) || count <= 0)
    throw new CommandError(
      40243,
      `The $bucketAuto 'buckets' field must be greater than 0, but found: ${count}`,
    );
  const scope = scopeOf(context);
  const valueOf = compileExpression(groupBy, scope);
  const fields = compileFields(isDoc(output) ? output : { count: { $sum: 1 } }, scope);
  return async function* (input) {
    const meter = new MemoryMeter('$bucketAuto');
    const items: { readonly value: Value; readonly doc: Doc }[] = [];
    for await (const docs of input) {
      for (const doc of docs) {
        items.push({ value: valueOf(doc) ?? null, doc });
        meter.add(sizeOf(doc));
      }
    }
    items.sort((a, b) => compareValues(a.value, b.value));
    yield* evenBuckets(items, count, fields);
  };
};

async function* evenBuckets(
  items: readonly { readonly value: Value; readonly doc: Doc }[],
  count: number,
  fields: GroupFields,
): DocStream {
  const size = Math.max(Math.round(items.length / count), 1);
  const docs: Doc[] = [];
  for (let start = 0; start < items.length;) {
    let end = docs.length === count - 1 ? items.length : Math.min(start + size, items.length);
    const last = items[end - 1]?.value;
    while (end < items.length && compareValues(items[end]?.value, last) === 0) end += 1;
    const groups = new Groups(fields, '$bucketAuto');
    const max = end < items.length ? items[end]?.value : last;
    const id = { min: items[start]?.value ?? null, max: max ?? null };
    for (const { doc } of items.slice(start, end)) groups.add(id, doc);
    docs.push(...groups.results());
    start = end;
  }
  yield* chunked(docs);
}
