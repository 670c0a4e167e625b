import { toNumber } from '../bson/exact.js';
import { isDoc, isNumeric, setField, typeName, type Doc, type Value } from '../bson/value.js';
import { CommandError } from '../errors.js';
import { compileExpression, isTruthy, type Scope } from '../expression/compile.js';
import { compileMatcher } from './matcher.js';

/** Makes the document that is answered of the document found. */
export type Projection = (doc: Doc, position: number | undefined) => Doc;

/** What is asked of one field: in, out, or computed. */
type Leaf =
  | { readonly kind: 'include' }
  | { readonly kind: 'exclude' }
  | { readonly kind: 'positional' }
  | { readonly kind: 'apply'; readonly apply: (value: Value, root: Doc) => Value }
  | { readonly kind: 'compute'; readonly compute: (root: Doc) => Value };

interface Node {
  readonly children: Map<string, Node | Leaf>;
}

const isNode = (entry: Node | Leaf): entry is Node => 'children' in entry;

export interface ProjectionOptions {
  readonly scope?: Scope;
  /** `find` has `$slice`, `$elemMatch` and positional `$`; stages of aggregation have not. */
  readonly forFind: boolean;
  /** What the message of a refusal begins with: `Invalid $project :: caused by :: `. */
  readonly stage?: string;
}

/**
 * Compiles a projection.
 *
 * @returns undefined where it leaves documents as they are.
 * @throws {@link CommandError} with MongoDB's code for the mistake in it.
 */
export function compileProjection(spec: Doc, options: ProjectionOptions): Projection | undefined {
  const builder = new Builder(options);
  builder.addFields(spec, []);
  return builder.finish();
}

class Builder {
  readonly #options: ProjectionOptions;
  readonly #root: Node = { children: new Map() };
  #including: boolean | undefined;
  #idKept: boolean | undefined;
  #positional = false;
  #applies = false;
  #computes = false;
  #any = false;

  constructor(options: ProjectionOptions) {
    this.#options = options;
  }

  addFields(spec: Doc, path: readonly string[]): void {
    for (const [name, value] of Object.entries(spec)) {
      if (name === '') throw this.#error(40352, 'FieldPath cannot be constructed with empty string');
      const parts = name.split('.');
      if (this.#options.forFind && parts.at(-1) === '$')
        this.#addPositional([...path, ...parts.slice(0, -1)], value);
      else this.#addField([...path, ...parts], value);
    }
  }

  #addField(path: readonly string[], value: Value): void {
    if (path.includes('')) throw this.#error(15998, 'FieldPath field names may not be empty strings.');
    if (path.some((part) => part.startsWith('$') && !['$id', '$ref', '$db'].includes(part)))
      throw this.#error(
        16410,
        "FieldPath field names may not start with '$'. Consider using $getField or $setField.",
      );
    this.#any = true;
    if (isNumeric(value) || typeof value === 'boolean') this.#addFlag(path, isTruthy(value));
    else if (isDoc(value)) this.#addDocument(path, value);
    else this.#addComputed(path, value);
  }

  #addFlag(path: readonly string[], include: boolean): void {
    if (path.length === 1 && path[0] === '_id') {
      this.#idKept = include;
      this.#place(path, { kind: include ? 'include' : 'exclude' });
      return;
    }
    this.#choose(include, path.join('.'));
    this.#place(path, { kind: include ? 'include' : 'exclude' });
  }

  #choose(include: boolean, path: string): void {
    this.#including ??= include;
    if (this.#including === include) return;
    throw this.#including
      ? this.#error(31254, `Cannot do exclusion on field ${path} in inclusion projection`)
      : this.#error(31253, `Cannot do inclusion on field ${path} in exclusion projection`);
  }

  #addDocument(path: readonly string[], value: Doc): void {
    const [operator] = Object.keys(value);
    if (operator === undefined)
      throw this.#error(51270, 'An empty sub-projection is not a valid value. Found empty object at path');
    if (!operator.startsWith('$')) {
      this.addFields(value, path);
      return;
    }
    if (this.#options.forFind && operator === '$slice') {
      const apply = findSlice(value.$slice);
      if (apply) {
        this.#addApplied(path, apply);
        return;
      }
    }
    if (this.#options.forFind && operator === '$elemMatch') {
      this.#addElemMatch(path, value.$elemMatch);
      return;
    }
    if (operator === '$meta') throw this.#error(9, `$meta projection is not supported`);
    this.#addComputed(path, value);
  }

  #addComputed(path: readonly string[], value: Value): void {
    if (this.#including === false && !(path.length === 1 && path[0] === '_id'))
      throw this.#error(31252, `Cannot use an expression ${path.join('.')}: in an exclusion projection`);
    this.#including ??= true;
    this.#computes = true;
    const evaluate = this.#compile(value);
    this.#place(path, { kind: 'compute', compute: (root) => evaluate(root) });
  }

  #compile(value: Value): (doc: Doc) => Value {
    try {
      return compileExpression(value, this.#options.scope);
    } catch (error) {
      if (error instanceof CommandError && error.code === 168)
        throw this.#error(31325, `Unknown expression ${/'(.*)'/.exec(error.message)?.[1] ?? ''}`);
      if (error instanceof CommandError && this.#options.stage)
        throw new CommandError(error.code, this.#options.stage + error.message);
      throw error;
    }
  }

  #addElemMatch(path: readonly string[], operand: Value): void {
    if (!isDoc(operand))
      throw this.#error(31274, `elemMatch: Invalid argument, object required, but got ${typeName(operand)}`);
    if (path.length > 1) throw this.#error(31275, 'Cannot use $elemMatch projection on a nested field');
    if (this.#positional) throw this.#error(31255, 'Cannot specify positional operator and $elemMatch');
    const matches = compileMatcher({ item: { $elemMatch: operand } });
    if (this.#including === undefined) this.#including = true;
    this.#addApplied(path, (value) => {
      if (!Array.isArray(value)) return undefined;
      const found = value.find((item) => matches({ item: [item] }));
      return found === undefined ? undefined : [found];
    });
  }

  #addApplied(path: readonly string[], apply: (value: Value, root: Doc) => Value): void {
    this.#applies = true;
    this.#place(path, { kind: 'apply', apply });
  }

  #addPositional(path: readonly string[], value: Value): void {
    this.#any = true;
    if (this.#positional)
      throw this.#error(31276, 'Cannot specify more than one positional projection per query.');
    if (!isTruthy(value)) throw this.#error(31395, 'positional projection cannot be used with exclusion');
    this.#positional = true;
    this.#choose(true, path.join('.'));
    this.#place(path, { kind: 'positional' });
  }

  #place(path: readonly string[], leaf: Leaf): void {
    let node = this.#root;
    for (const part of path.slice(0, -1)) {
      const next = node.children.get(part) ?? { children: new Map() };
      if (!isNode(next))
        throw this.#error(
          31249,
          `Path collision at ${path.join('.')} remaining portion ${path.at(-1) ?? ''}`,
        );
      node.children.set(part, next);
      node = next;
    }
    const last = path.at(-1) ?? '';
    const there = node.children.get(last);
    if (there) {
      throw isNode(there)
        ? this.#error(31250, `Path collision at ${path.join('.')}`)
        : this.#error(31250, `Path collision at ${path.join('.')}`);
    }
    node.children.set(last, leaf);
  }

  finish(): Projection | undefined {
    if (!this.#any) return undefined;
    const including = this.#including ?? this.#defaultMode();
    const tree = this.#root;
    if (including) {
      if (this.#idKept !== false && !tree.children.has('_id')) tree.children.set('_id', { kind: 'include' });
      if (this.#idKept === false) tree.children.delete('_id');
      return (doc, position) => include(doc, tree, { root: doc, position });
    }
    return (doc, position) => exclude(doc, tree, { root: doc, position });
  }

  /** With nothing but `_id` and `$slice` said, `_id: 1` alone includes; all else leaves the other fields as they are. */
  #defaultMode(): boolean {
    return this.#idKept === true && !this.#applies ? true : this.#computes;
  }

  #error(code: number, message: string): CommandError {
    return new CommandError(code, `${this.#options.stage ?? ''}${message}`);
  }
}

interface Frame {
  readonly root: Doc;
  readonly position: number | undefined;
}

function include(doc: Doc, node: Node, frame: Frame): Doc {
  const result: Doc = {};
  if (node.children.has('_id') && doc === frame.root && Object.hasOwn(doc, '_id'))
    setField(result, '_id', null);
  for (const [name, value] of Object.entries(doc)) {
    const entry = node.children.get(name);
    if (!entry || (!isNode(entry) && entry.kind === 'compute')) continue;
    const kept = isNode(entry) ? includeBelow(value, entry, frame) : leafValue(value, entry, frame);
    if (kept !== undefined) setField(result, name, kept);
    else Reflect.deleteProperty(result, name);
  }
  for (const [name, entry] of node.children) {
    if (isNode(entry) && hasComputed(entry) && !Object.hasOwn(doc, name))
      setIfPresent(result, name, computedOnly(entry, frame));
    else if (!isNode(entry) && entry.kind === 'compute')
      setIfPresent(result, name, entry.compute(frame.root));
  }
  return result;
}

function setIfPresent(doc: Doc, name: string, value: Value): void {
  if (value !== undefined) setField(doc, name, value);
  else Reflect.deleteProperty(doc, name);
}

function hasComputed(node: Node): boolean {
  return [...node.children.values()].some((entry) =>
    isNode(entry) ? hasComputed(entry) : entry.kind === 'compute',
  );
}

function computedOnly(node: Node, frame: Frame): Doc {
  return include({}, node, frame);
}

function leafValue(value: Value, leaf: Leaf, frame: Frame): Value {
  switch (leaf.kind) {
    case 'apply':
      return leaf.apply(value, frame.root);
    case 'positional':
      return atPosition(value, frame);
    case 'compute':
      return leaf.compute(frame.root);
    case 'exclude':
      return undefined;
    case 'include':
      return value;
  }
}

function atPosition(value: Value, { position }: Frame): Value {
  if (!Array.isArray(value)) return value;
  if (position === undefined || position >= value.length)
    throw new CommandError(
      51246,
      "Executor error during find command :: caused by :: positional operator '.$' couldn't find a matching element in the array",
    );
  return [value[position]];
}

function includeBelow(value: Value, node: Node, frame: Frame): Value {
  if (isDoc(value)) return include(value, node, frame);
  if (Array.isArray(value)) {
    return value.flatMap((item): Value[] => {
      const kept = includeBelow(item, node, frame);
      return kept === undefined ? [] : [kept];
    });
  }
  return hasComputed(node) ? computedOnly(node, frame) : undefined;
}

function exclude(doc: Doc, node: Node, frame: Frame): Doc {
  const result: Doc = {};
  for (const [name, value] of Object.entries(doc)) {
    const entry = node.children.get(name);
    const kept = !entry
      ? value
      : isNode(entry)
        ? excludeBelow(value, entry, frame)
        : leafValue(value, entry, frame);
    if (kept !== undefined) setField(result, name, kept);
  }
  for (const [name, entry] of node.children)
    if (!isNode(entry) && entry.kind === 'compute') setIfPresent(result, name, entry.compute(frame.root));
  return result;
}

function excludeBelow(value: Value, node: Node, frame: Frame): Value {
  if (isDoc(value)) return exclude(value, node, frame);
  return Array.isArray(value) ? value.map((item) => excludeBelow(item, node, frame)) : value;
}

/** The `$slice` of `find`: of one number, or of two where the first may count from the end. Undefined for the expression of that name. */
function findSlice(operand: Value): ((value: Value) => Value) | undefined {
  const numbers = (Array.isArray(operand) ? operand : [operand]).map((item) =>
    isNumeric(item) ? Math.trunc(toNumber(item)) : undefined,
  );
  const [first, count] = numbers;
  if (first === undefined || numbers.length > 2 || numbers.includes(undefined)) return undefined;
  if (count === undefined)
    return (value) =>
      Array.isArray(value) ? (first < 0 ? value.slice(first) : value.slice(0, first)) : value;
  if (count <= 0) throw new CommandError(28729, `Third argument to $slice must be positive: ${count}`);
  return (value) => {
    if (!Array.isArray(value)) return value;
    const from = first < 0 ? Math.max(value.length + first, 0) : first;
    return value.slice(from, from + count);
  };
}
