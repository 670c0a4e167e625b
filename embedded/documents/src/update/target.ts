import { getField, isDoc, setField, type Doc, type Value } from '../bson/value.js';
import { CommandError } from '../errors.js';
import type { Matcher } from '../query/matcher.js';
import { isIndex } from '../query/path.js';
import { jsonText } from '../bson/json-text.js';

/** What positional parts of a path stand for. */
export interface Positions {
  /** The array element that the query matched: `$`. */
  readonly matched: number | undefined;
  /** Tests of elements by identifier: `$[identifier]`. */
  readonly filters: ReadonlyMap<string, Matcher>;
}

/** The most nulls that a write far beyond an array's end may fill in. */
const MAX_PADDING = 1_500_000;

/**
 * The paths that a path with `$`, `$[]` and `$[identifier]` in it stands for in a document.
 *
 * @throws {@link CommandError} `BadValue` where there is no such array, or the query matched no element.
 */
export function concretePaths(doc: Doc, parts: readonly string[], positions: Positions): string[][] {
  if (!parts.some((part) => part.startsWith('$'))) return [[...parts]];
  return expand(doc, parts, 0, positions, []);
}

function expand(
  value: Value,
  parts: readonly string[],
  at: number,
  positions: Positions,
  path: readonly string[],
): string[][] {
  const part = parts[at];
  if (part === undefined) return [[...path]];
  if (part === '$') {
    if (positions.matched === undefined)
      throw new CommandError(
        'BadValue',
        'The positional operator did not find the match needed from the query.',
      );
    return expand(childOf(value, String(positions.matched)), parts, at + 1, positions, [
      ...path,
      String(positions.matched),
    ]);
  }
  if (!part.startsWith('$[')) return expand(childOf(value, part), parts, at + 1, positions, [...path, part]);
  const matches = positions.filters.get(part.slice(2, -1));
  const name = path.join('.');
  if (value === undefined)
    throw new CommandError(
      'BadValue',
      `The path '${name}' must exist in the document in order to apply array updates.`,
    );
  if (!Array.isArray(value))
    throw new CommandError(
      'BadValue',
      `Cannot apply array updates to non-array element ${path.at(-1) ?? ''}: ${jsonText(value)}`,
    );
  return value.flatMap((item, index) =>
    matches && !matches({ item }) ? [] : expand(item, parts, at + 1, positions, [...path, String(index)]),
  );
}

function childOf(value: Value, part: string): Value {
  if (Array.isArray(value)) return isIndex(part) ? value[Number(part)] : undefined;
  return isDoc(value) ? getField(value, part) : undefined;
}

/** Where a path ends: the document or array that holds its last part. */
export type Holder =
  { readonly container: Doc; readonly key: string } | { readonly container: Value[]; readonly key: number };

/** The holder of a path's end; undefined where the way to it is not there. */
export function findHolder(doc: Doc, parts: readonly string[]): Holder | undefined {
  let value: Value = doc;
  for (const part of parts.slice(0, -1)) value = childOf(value, part);
  const last = parts.at(-1) ?? '';
  if (Array.isArray(value)) return isIndex(last) ? { container: value, key: Number(last) } : undefined;
  return isDoc(value) ? { container: value, key: last } : undefined;
}

/**
 * The holder of a path's end, with documents made for what is missing on the way.
 *
 * @throws {@link CommandError} `PathNotViable` where something on the way can hold no such field.
 */
export function makeHolder(doc: Doc, parts: readonly string[]): Holder {
  let holder = holderIn(doc, parts[0] ?? '', parts, 0);
  for (const [at, part] of parts.entries()) {
    if (at === 0) continue;
    let value = readHolder(holder);
    if (value === undefined) {
      value = {};
      writeHolder(holder, value);
    }
    holder = holderIn(value, part, parts, at);
  }
  return holder;
}

function holderIn(value: Value, part: string, parts: readonly string[], at: number): Holder {
  if (isDoc(value)) return { container: value, key: part };
  if (Array.isArray(value) && isIndex(part)) return { container: value, key: Number(part) };
  throw new CommandError(
    'PathNotViable',
    `Cannot create field '${part}' in element {${parts[at - 1] ?? ''}: ${jsonText(value)}}`,
  );
}

export function readHolder(holder: Holder): Value {
  return Array.isArray(holder.container)
    ? holder.container[holder.key as number]
    : getField(holder.container, holder.key as string);
}

/** Writes the value; beyond an array's end, nulls fill the gap. */
export function writeHolder(holder: Holder, value: Value): void {
  if (!Array.isArray(holder.container)) {
    setField(holder.container, holder.key as string, value);
    return;
  }
  const index = holder.key as number;
  if (index - holder.container.length > MAX_PADDING)
    throw new CommandError('CannotBackfillArray', `Cannot expand array with more than ${MAX_PADDING} nulls`);
  while (holder.container.length < index) holder.container.push(null);
  holder.container[index] = value;
}

/** Takes the value away; an element of an array becomes null, so that the others keep their places. */
export function removeFrom(holder: Holder): void {
  if (!Array.isArray(holder.container)) {
    Reflect.deleteProperty(holder.container, holder.key);
  } else if ((holder.key as number) < holder.container.length) holder.container[holder.key as number] = null;
}

/**
 * @throws {@link CommandError} `PathNotViable` where something on the way to a path's end can hold no such field. What is missing on
 * the way blocks nothing.
 */
export function assertWay(doc: Doc, parts: readonly string[]): void {
  let value: Value = doc;
  for (const [at, part] of parts.entries()) {
    if (value === undefined) return;
    if (!isDoc(value) && !(Array.isArray(value) && isIndex(part)))
      throw new CommandError(
        'PathNotViable',
        `Cannot use the part (${part}) of (${parts.join('.')}) to traverse the element ({${parts[at - 1] ?? ''}: ${jsonText(value)}})`,
      );
    value = childOf(value, part);
  }
}
