import { getField, isDoc, type Doc, type Value } from '../bson/value.js';

/** Where in the matched document an array element made the match: what `$` in an update or a projection stands for. */
export interface MatchPosition {
  index: number | undefined;
}

/** Tests one value that a path leads to; undefined where the path leads nowhere. */
export type ValueTest = (value: Value, position: MatchPosition) => boolean;

const indexPattern = /^(0|[1-9]\d*)$/;

/** Whether a path's part can stand for a place in an array. */
export function isIndex(part: string): boolean {
  return indexPattern.test(part);
}

/**
 * Whether any value that a dotted path leads to passes a test, as queries see paths: an array on the way stands for each document in
 * it and, where the next part is a number, for the element there; an array at the end stands for each of its elements and for itself.
 *
 * @param expand - false to test an array at the end only as a whole (`$size`, `$elemMatch`).
 */
export function anyAtPath(
  doc: Doc,
  parts: readonly string[],
  test: ValueTest,
  position: MatchPosition,
  expand = true,
): boolean {
  return inDocument(doc, { parts, test, position, expand }, 0);
}

interface Walk {
  readonly parts: readonly string[];
  readonly test: ValueTest;
  readonly position: MatchPosition;
  readonly expand: boolean;
}

function inDocument(doc: Doc, walk: Walk, at: number): boolean {
  const value = getField(doc, walk.parts[at] ?? '');
  if (at === walk.parts.length - 1) return atEnd(value, walk);
  if (Array.isArray(value)) return inArray(value, walk, at + 1);
  if (isDoc(value)) return inDocument(value, walk, at + 1);
  return walk.test(undefined, walk.position);
}

/** A scalar in an array, and an array that leads nowhere, count as one missing value; an array in an array is not entered but by its place. */
function inArray(items: readonly Value[], walk: Walk, at: number): boolean {
  const part = walk.parts[at] ?? '';
  const byPlace = isIndex(part) && Number(part) < items.length;
  if (byPlace && atIndex(items[Number(part)], walk, at)) return true;
  let led = byPlace;
  for (const [index, item] of items.entries()) {
    if (Array.isArray(item) || (byPlace && !isDoc(item))) continue;
    led = true;
    if (isDoc(item) ? inDocument(item, walk, at) : walk.test(undefined, walk.position)) {
      walk.position.index = index;
      return true;
    }
  }
  return !led && walk.test(undefined, walk.position);
}

function atIndex(item: Value, walk: Walk, at: number): boolean {
  if (at === walk.parts.length - 1) return walk.test(item, walk.position);
  if (Array.isArray(item)) return inArray(item, walk, at + 1);
  return isDoc(item) ? inDocument(item, walk, at + 1) : walk.test(undefined, walk.position);
}

function atEnd(value: Value, walk: Walk): boolean {
  if (walk.expand && Array.isArray(value)) {
    for (const [index, item] of value.entries()) {
      if (walk.test(item, walk.position)) {
        walk.position.index = index;
        return true;
      }
    }
  }
  return walk.test(value, walk.position);
}

/** Every value that sorting sees on a path: elements of arrays each for itself, null where there is none, undefined for an empty array. */
export function valuesAtPath(doc: Doc, parts: readonly string[]): Value[] {
  const found: Value[] = [];
  collect(doc, parts, 0, found);
  return found;
}

function collect(doc: Doc, parts: readonly string[], at: number, found: Value[]): void {
  const value = getField(doc, parts[at] ?? '');
  if (at === parts.length - 1) {
    if (!Array.isArray(value)) found.push(value ?? null);
    else if (value.length === 0) found.push(undefined);
    else for (const item of value) found.push(item);
  } else if (Array.isArray(value)) collectInArray(value, parts, at + 1, found);
  else if (isDoc(value)) collect(value, parts, at + 1, found);
  else found.push(null);
}

function collectInArray(items: readonly Value[], parts: readonly string[], at: number, found: Value[]): void {
  const part = parts[at] ?? '';
  const before = found.length;
  if (isIndex(part) && Number(part) < items.length) {
    const item = items[Number(part)];
    if (at === parts.length - 1)
      found.push(Array.isArray(item) && item.length === 0 ? undefined : (item ?? null));
    else if (isDoc(item)) collect(item, parts, at + 1, found);
    else if (Array.isArray(item)) collectInArray(item, parts, at + 1, found);
  } else {
    for (const item of items) {
      if (isDoc(item)) collect(item, parts, at, found);
      else found.push(null);
    }
  }
  if (found.length === before) found.push(null);
}
