import { ObjectId } from 'bson';
import { cloneDoc, cloneValue, isDoc, setField, typeName, type Doc, type Value } from '../bson/value.js';
import { equalValues } from '../bson/compare.js';
import { CommandError } from '../errors.js';
import type { Scope } from '../expression/compile.js';
import { compileUpdatePipeline } from '../aggregation/document-stages.js';
import { jsonText } from '../bson/json-text.js';
import { parseArrayFilters } from './array-filters.js';
import { MODIFIERS, type Change } from './modifiers.js';
import {
  assertWay,
  concretePaths,
  findHolder,
  makeHolder,
  readHolder,
  removeFrom,
  writeHolder,
  type Positions,
} from './target.js';

/** What an update is applied to. */
export interface Target {
  readonly doc: Doc;
  /** The array element that the query matched. */
  readonly position: number | undefined;
  /** Whether the document is about to be inserted by an upsert. */
  readonly inserting: boolean;
}

/** A compiled update. The target is left as it is; the document returned is a new one. */
export interface Updater {
  readonly kind: 'replacement' | 'modifiers' | 'pipeline';
  readonly apply: (target: Target) => Doc;
}

export interface UpdaterOptions {
  readonly arrayFilters?: Value;
  readonly scope?: Scope;
  readonly now: Date;
}

/**
 * Compiles an update: a replacement, modifiers, or a pipeline.
 *
 * @throws {@link CommandError} with MongoDB's code for the mistake in it.
 */
export function compileUpdate(update: Value, options: UpdaterOptions): Updater {
  if (Array.isArray(update)) {
    if (options.arrayFilters !== undefined)
      throw new CommandError('FailedToParse', 'arrayFilters may not be specified for pipeline-style updates');
    const pipeline = compileUpdatePipeline(update, options.scope ?? {});
    return { kind: 'pipeline', apply: ({ doc }) => keepId(doc, pipeline(cloneDoc(doc))) };
  }
  if (!isDoc(update))
    throw new CommandError('FailedToParse', 'Update argument must be either an object or an array');
  const names = Object.keys(update);
  if (!names[0]?.startsWith('$')) return replacement(update);
  return modifiers(update, options);
}

function replacement(update: Doc): Updater {
  const dollar = Object.keys(update).find((name) => name.startsWith('$'));
  if (dollar !== undefined)
    throw new CommandError(
      'DollarPrefixedFieldName',
      `The dollar ($) prefixed field '${dollar}' in '${dollar}' is not allowed in the context of an update's replacement document. Consider using an aggregation pipeline with $replaceWith.`,
    );
  return {
    kind: 'replacement',
    apply: ({ doc }) => {
      if ('_id' in update && doc._id !== undefined && !equalValues(update._id, doc._id))
        throw alteredId(update._id);
      const { _id: own, ...rest } = cloneDoc(update);
      const id = doc._id === undefined ? own : doc._id;
      return id === undefined ? rest : { _id: id, ...rest };
    },
  };
}

function keepId(before: Doc, after: Doc): Doc {
  if (before._id !== undefined && after._id !== undefined && !equalValues(before._id, after._id))
    throw alteredId(after._id);
  const { _id: own, ...rest } = after;
  return { _id: before._id === undefined ? own : before._id, ...rest };
}

function alteredId(id: Value): CommandError {
  return new CommandError(
    'ImmutableField',
    `After applying the update, the (immutable) field '_id' was found to have been altered to _id: ${jsonText(id)}`,
  );
}

/** One field that modifiers change. */
interface FieldChange {
  readonly parts: readonly string[];
  readonly apply: (doc: Doc, parts: readonly string[], target: Target) => void;
}

function modifiers(update: Doc, options: UpdaterOptions): Updater {
  const changes: FieldChange[] = [];
  for (const [name, fields] of Object.entries(update)) {
    if (name !== '$rename' && name !== '$unset' && !Object.hasOwn(MODIFIERS, name))
      throw new CommandError(
        'FailedToParse',
        `Unknown modifier: ${name}. Expected a valid update modifier or pipeline-style update specified as an array`,
      );
    if (!isDoc(fields))
      throw new CommandError(
        'FailedToParse',
        `Modifiers operate on fields but we found type ${typeName(fields)} instead. For example: {$mod: {<field>: ...}} not {${name}: ${jsonText(fields)}}`,
      );
    for (const [path, operand] of Object.entries(fields))
      changes.push(...fieldChanges(name, path, operand, options));
  }
  const filters = parseArrayFilters(
    options.arrayFilters,
    changes.map(({ parts }) => parts),
  );
  assertNoConflicts(changes);
  changes.sort((a, b) => comparePaths(a.parts, b.parts));
  return {
    kind: 'modifiers',
    apply: (target) => {
      const doc = cloneDoc(target.doc);
      const positions: Positions = { matched: target.position, filters };
      for (const { parts, apply } of changes)
        for (const concrete of concretePaths(doc, parts, positions)) apply(doc, concrete, target);
      if (target.doc._id !== undefined && !sameId(doc, target.doc)) throw immutableId();
      return doc;
    },
  };
}

const sameId = (a: Doc, b: Doc): boolean => a._id !== undefined && equalValues(a._id, b._id);

function immutableId(): CommandError {
  return new CommandError(
    'ImmutableField',
    "Performing an update on the path '_id' would modify the immutable field '_id'",
  );
}

function fieldChanges(name: string, path: string, operand: Value, options: UpdaterOptions): FieldChange[] {
  const parts = parsePath(path);
  if (name === '$rename') return rename(path, parts, operand);
  if (name === '$unset') return [{ parts, apply: (doc, concrete) => unset(doc, concrete) }];
  const modifier = MODIFIERS[name];
  if (!modifier) return [];
  if (name === '$set' || name === '$setOnInsert') assertStorableValue(operand, path);
  const change = modifier.parse(operand, path);
  return [
    {
      parts,
      apply: (doc, concrete, target) => {
        if (name === '$setOnInsert' && !target.inserting) return;
        if (modifier.needsWay) assertWay(doc, concrete);
        changeField(doc, concrete, change, modifier.creates, options.now);
      },
    },
  ];
}

function changeField(doc: Doc, parts: readonly string[], change: Change, creates: boolean, now: Date): void {
  const place = { path: parts.join('.'), now, id: doc._id };
  const there = findHolder(doc, parts);
  const value = there && readHolder(there);
  const result = value === undefined && !creates ? undefined : change(value, place);
  if (result !== undefined) writeHolder(there ?? makeHolder(doc, parts), result);
}

function unset(doc: Doc, parts: readonly string[]): void {
  const holder = findHolder(doc, parts);
  if (holder && readHolder(holder) !== undefined) removeFrom(holder);
}

function rename(path: string, parts: readonly string[], operand: Value): FieldChange[] {
  if (typeof operand !== 'string')
    throw new CommandError(
      'BadValue',
      `The 'to' field for $rename must be a string: ${path}: ${jsonText(operand)}`,
    );
  const target = parsePath(operand);
  if (path === operand)
    throw new CommandError(
      'BadValue',
      `The source and target field for $rename must differ: ${path}: "${operand}"`,
    );
  if (path.startsWith(`${operand}.`) || operand.startsWith(`${path}.`))
    throw new CommandError(
      'BadValue',
      `The source and target field for $rename must not be on the same path: ${path}: "${operand}"`,
    );
  for (const [role, side] of [
    ['source', parts],
    ['destination', target],
  ] as const)
    if (side.some(isPositional))
      throw new CommandError(
        'BadValue',
        `The ${role} field for $rename may not be dynamic: ${side.join('.')}`,
      );
  let moved: Value;
  return [
    {
      parts: target,
      apply: (doc, concrete) => {
        moved = undefined;
        const holder = findHolder(doc, parts);
        assertWay(doc, parts);
        assertNoArrays(doc, parts, 'source');
        moved = holder && readHolder(holder);
        if (moved === undefined) return;
        assertNoArrays(doc, concrete, 'destination');
        if (holder) removeFrom(holder);
        writeHolder(makeHolder(doc, concrete), cloneValue(moved));
      },
    },
    { parts, apply: () => undefined },
  ];
}

function assertNoArrays(doc: Doc, parts: readonly string[], role: string): void {
  let value: Value = doc;
  for (const part of parts.slice(0, -1)) {
    value = isDoc(value) ? value[part] : undefined;
    if (Array.isArray(value))
      throw new CommandError(
        'BadValue',
        `The ${role} field cannot be an array element, '${parts.join('.')}' in doc with _id: ${jsonText(doc._id)} has an array field called '${part}'`,
      );
  }
}

function parsePath(path: string): string[] {
  if (path === '') throw new CommandError('EmptyFieldName', 'An empty update path is not valid.');
  const parts = path.split('.');
  if (parts.includes(''))
    throw new CommandError(
      'EmptyFieldName',
      `The update path '${path}' contains an empty field name, which is not allowed.`,
    );
  const [first = ''] = parts;
  if (isPositional(first))
    throw new CommandError(
      'BadValue',
      `Cannot have ${first === '$' ? "positional (i.e. '$')" : "array filter identifier (i.e. '$[<id>]')"} element in the first position in path '${path}'`,
    );
  if (first.startsWith('$') && !['$id', '$ref', '$db'].includes(first))
    throw new CommandError(
      'DollarPrefixedFieldName',
      `The dollar ($) prefixed field '${first}' in '${path}' is not allowed in the context of an update's replacement document. Consider using an aggregation pipeline with $replaceWith.`,
    );
  if (parts.filter((part) => part === '$').length > 1)
    throw new CommandError('BadValue', `Too many positional (i.e. '$') elements found in path '${path}'`);
  return parts;
}

/** `$`, `$[]` and `$[name]` stand for elements; below the top any other name with a dollar is a field's. */
function isPositional(part: string): boolean {
  return part === '$' || part.startsWith('$[');
}

function assertStorableValue(value: Value, path: string): void {
  if (path === '_id') assertId(value);
}

/** @throws {@link CommandError} for a value that no document can have as its id. */
export function assertId(id: Value): void {
  const type = typeName(id);
  if (type === 'array' || type === 'regex' || type === 'undefined')
    throw new CommandError('InvalidIdField', `The '_id' value cannot be of type ${type}`);
  const dollar = isDoc(id)
    ? Object.keys(id).find((name) => name.startsWith('$') && !['$id', '$ref', '$db'].includes(name))
    : undefined;
  if (dollar !== undefined)
    throw new CommandError(
      'DollarPrefixedFieldName',
      `_id fields may not contain '$'-prefixed fields: ${dollar} is not valid for storage.`,
    );
}

function assertNoConflicts(changes: readonly FieldChange[]): void {
  const paths = changes.map(({ parts }) => parts.join('.'));
  const seen = new Set<string>();
  for (const path of paths) {
    const clash = [...seen].find(
      (other) => other === path || other.startsWith(`${path}.`) || path.startsWith(`${other}.`),
    );
    if (clash !== undefined)
      throw new CommandError(
        'ConflictingUpdateOperators',
        `Updating the path '${path}' would create a conflict at '${clash.length < path.length ? clash : path}'`,
      );
    seen.add(path);
  }
}

/** Fields that an update makes come in the order of their names, numbers by size. */
function comparePaths(a: readonly string[], b: readonly string[]): number {
  for (const [at, part] of a.entries()) {
    const other = b[at];
    if (other === undefined) return 1;
    if (part === other) continue;
    const bothNumbers = /^\d+$/.test(part) && /^\d+$/.test(other);
    if (bothNumbers) return Number(part) - Number(other);
    return part < other ? -1 : 1;
  }
  return a.length - b.length;
}

/** A document ready to be stored: with an id, and that first. */
export function withId(doc: Doc): Doc {
  const { _id: id, ...rest } = doc;
  if (id !== undefined) assertId(id);
  const result: Doc = { _id: id === undefined ? new ObjectId() : id };
  for (const [name, value] of Object.entries(rest)) setField(result, name, value);
  return result;
}
