import { isDoc, typeName, type Doc, type Value } from '../bson/value.js';
import { CommandError } from '../errors.js';
import { compileMatcher, type Matcher } from '../query/matcher.js';

/**
 * Reads array filters: for each identifier that paths name, the test of an element (of a document `{item: element}`).
 *
 * @throws {@link CommandError} `FailedToParse` for filters that are malformed or not used, `BadValue` for identifiers without one.
 */
export function parseArrayFilters(
  given: Value,
  paths: readonly (readonly string[])[],
): ReadonlyMap<string, Matcher> {
  if (given !== undefined && !Array.isArray(given))
    throw new CommandError(
      'TypeMismatch',
      `BSON field 'arrayFilters' is the wrong type '${typeName(given)}', expected type 'array'`,
    );
  const filters = new Map<string, Matcher>();
  for (const filter of given ?? []) {
    if (!isDoc(filter)) throw new CommandError('TypeMismatch', 'Each array filter must be an object');
    const identifier = identifierOf(filter);
    if (identifier === undefined)
      throw new CommandError(
        'FailedToParse',
        'Cannot use an expression without a top-level field name in arrayFilters',
      );
    if (filters.has(identifier))
      throw new CommandError(
        'FailedToParse',
        `Found multiple array filters with the same top-level field name ${identifier}`,
      );
    if (!/^[a-z][A-Za-z0-9]*$/.test(identifier))
      throw new CommandError(
        'BadValue',
        `Error parsing array filter :: caused by :: The top-level field name must be an alphanumeric string beginning with a lowercase letter, found '${identifier}'`,
      );
    filters.set(identifier, compileMatcher(renamed(filter, identifier), { nested: true }));
  }
  const used = new Set(paths.flatMap(identifiersIn));
  for (const identifier of used)
    if (identifier !== '' && !filters.has(identifier))
      throw new CommandError(
        'BadValue',
        `No array filter found for identifier '${identifier}' in path '${(paths.find((parts) => parts.includes(`$[${identifier}]`)) ?? []).join('.')}'`,
      );
  for (const identifier of filters.keys())
    if (!used.has(identifier))
      throw new CommandError(
        'FailedToParse',
        `The array filter for identifier '${identifier}' was not used in the update`,
      );
  return filters;
}

function identifiersIn(parts: readonly string[]): string[] {
  return parts.filter((part) => part.startsWith('$[')).map((part) => part.slice(2, -1));
}

function identifierOf(filter: Doc): string | undefined {
  const names = new Set<string>();
  for (const [name, operand] of Object.entries(filter)) {
    if (!name.startsWith('$')) names.add(name.split('.')[0] ?? '');
    else if (Array.isArray(operand))
      for (const clause of operand) {
        const inner = isDoc(clause) ? identifierOf(clause) : undefined;
        if (inner !== undefined) names.add(inner);
      }
  }
  if (names.size > 1)
    throw new CommandError(
      'FailedToParse',
      `Error parsing array filter :: caused by :: Expected a single top-level field name, found '${[...names].join("' and '")}'`,
    );
  return [...names][0];
}

/** The filter with its identifier replaced by `item`. */
function renamed(filter: Doc, identifier: string): Doc {
  return Object.fromEntries(
    Object.entries(filter).map(([name, operand]): [string, Value] => {
      if (name.startsWith('$'))
        return [
          name,
          Array.isArray(operand)
            ? operand.map((clause) => (isDoc(clause) ? renamed(clause, identifier) : clause))
            : operand,
        ];
      return [`item${name.slice(identifier.length)}`, operand];
    }),
  );
}
