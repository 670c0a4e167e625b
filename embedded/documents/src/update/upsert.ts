import { BSONRegExp } from 'bson';
import { cloneValue, isDoc, type Doc, type Value } from '../bson/value.js';
import { CommandError } from '../errors.js';
import { isOperatorDoc } from '../query/matcher.js';
import { withId, type Updater } from './updater.js';
import { makeHolder, readHolder, writeHolder } from './target.js';

/**
 * The document that an upsert inserts where nothing matched: what the query says to be equal, then the update applied to it.
 *
 * @throws {@link CommandError} `NotSingleValueField` where the query says two things of one field.
 */
export function upsertDocument(filter: Doc, updater: Updater): Doc {
  const base: Doc = {};
  if (updater.kind === 'replacement') {
    collect(filter, (path, value) => {
      if (path === '_id') base._id = cloneValue(value);
    });
  } else {
    collect(filter, (path, value) => {
      const holder = makeHolder(base, path.split('.'));
      if (readHolder(holder) !== undefined)
        throw new CommandError(
          'NotSingleValueField',
          `cannot infer query fields to set, path '${path}' is matched twice`,
        );
      writeHolder(holder, cloneValue(value));
    });
  }
  return withId(updater.apply({ doc: base, position: undefined, inserting: true }));
}

function collect(filter: Doc, found: (path: string, value: Value) => void): void {
  for (const [name, operand] of Object.entries(filter)) {
    if (name === '$and' || (name === '$or' && Array.isArray(operand) && operand.length === 1)) {
      if (Array.isArray(operand)) for (const clause of operand) if (isDoc(clause)) collect(clause, found);
    } else if (!name.startsWith('$')) collectField(name, operand, found);
  }
}

function collectField(path: string, operand: Value, found: (path: string, value: Value) => void): void {
  if (!isOperatorDoc(operand)) {
    if (!(operand instanceof BSONRegExp)) found(path, operand);
    return;
  }
  if ('$eq' in operand) found(path, operand.$eq);
  const { $all: all } = operand;
  if (Array.isArray(all) && all.length === 1 && !isOperatorDoc(all[0]) && !(all[0] instanceof BSONRegExp))
    found(path, all[0]);
}
