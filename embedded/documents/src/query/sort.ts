import { compareValues, type StringOrder } from '../bson/compare.js';
import { toNumber } from '../bson/exact.js';
import { isDoc, isNumeric, typeName, type Doc, type Value } from '../bson/value.js';
import { CommandError } from '../errors.js';
import { valuesAtPath } from './path.js';

/** One field of a sort. */
export interface SortField {
  readonly path: string;
  readonly parts: readonly string[];
  readonly descending: boolean;
}

/** MongoDB's limit on what a blocking sort may hold, in bytes. */
export const SORT_MEMORY_BYTES = 100 * 1024 * 1024;

/**
 * Reads a sort specification.
 *
 * @throws {@link CommandError} with MongoDB's code for the mistake in it.
 */
export function parseSort(spec: Value): SortField[] {
  if (spec === undefined) return [];
  if (!isDoc(spec))
    throw new CommandError(
      'TypeMismatch',
      `BSON field 'sort' is the wrong type '${typeName(spec)}', expected type 'object'`,
    );
  return Object.entries(spec).map(([path, direction]) => {
    if (isDoc(direction) && '$meta' in direction)
      throw new CommandError('NotImplemented', `$meta sort ${JSON.stringify(direction)} is not supported`);
    if (!isNumeric(direction))
      throw new CommandError(15974, `Illegal key in $sort specification: ${path}: ${typeName(direction)}`);
    const sign = toNumber(direction);
    if (sign !== 1 && sign !== -1)
      throw new CommandError(15975, '$sort key ordering must be 1 (for ascending) or -1 (for descending)');
    if (path === '') throw new CommandError(40352, 'FieldPath cannot be constructed with empty string');
    if (path.startsWith('$') && path !== '$natural')
      throw new CommandError(
        16410,
        "FieldPath field names may not start with '$'. Consider using $getField or $setField.",
      );
    return { path, parts: path.split('.'), descending: sign === -1 };
  });
}

/** The values a document sorts by: of an array the least element, or the greatest where the order descends; an empty one is below null. */
export function sortValues(doc: Doc, fields: readonly SortField[], strings?: StringOrder): Value[] {
  return fields.map(({ parts, descending }) => {
    const values = valuesAtPath(doc, parts);
    return values.reduce((best, value) => {
      const order = compareValues(value, best, strings);
      return (descending ? order > 0 : order < 0) ? value : best;
    });
  });
}

/** Compares what {@link sortValues} found of two documents. */
export function compareSortValues(
  a: readonly Value[],
  b: readonly Value[],
  fields: readonly SortField[],
  strings?: StringOrder,
): number {
  for (const [at, { descending }] of fields.entries()) {
    const order = compareValues(a[at], b[at], strings);
    if (order !== 0) return descending ? -order : order;
  }
  return 0;
}
