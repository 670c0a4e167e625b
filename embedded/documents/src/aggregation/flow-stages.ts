import { Long } from 'bson';
import { toNumber } from '../bson/exact.js';
import { jsonText } from '../bson/json-text.js';
import {
  getField,
  isDoc,
  isNumeric,
  setField,
  typeName,
  whole,
  type Doc,
  type Value,
} from '../bson/value.js';
import { CommandError } from '../errors.js';
import { compileExpression } from '../expression/compile.js';
import { Sorter, slice } from '../planner/find.js';
import { compileMatcher } from '../query/matcher.js';
import { parseSort } from '../query/sort.js';
import { group } from './group.js';
import { MemoryMeter, chunked, scopeOf, sizeOf, type Stage, type StageCompiler } from './stage.js';

/** `$match` */
export const match: StageCompiler = (operand, context) => {
  if (!isDoc(operand)) throw new CommandError(15959, 'the match filter must be an expression in an object');
  const matches = compileMatcher(operand, { strings: context.collation?.order, scope: scopeOf(context) });
  return async function* (input) {
    for await (const docs of input) {
      const kept = docs.filter((doc) => matches(doc));
      if (kept.length > 0) yield kept;
    }
  };
};

function wholeNumber(operand: Value, code: number, message: string): number {
  const number = isNumeric(operand) ? toNumber(operand) : NaN;
  if (!Number.isInteger(number) || number < 0)
    throw new CommandError(code, `${message}: ${jsonText(operand)}`);
  return number;
}

/** `$limit` */
export const limit: StageCompiler = (operand) => {
  const count = wholeNumber(
    operand,
    5107201,
    'invalid argument to $limit stage: Expected a non-negative number in: $limit',
  );
  if (count === 0) throw new CommandError(15958, 'the limit must be positive');
  return (input) => slice(input, 0, count);
};

/** `$skip` */
export const skip: StageCompiler = (operand) => {
  const count = wholeNumber(
    operand,
    5107200,
    'invalid argument to $skip stage: Expected a non-negative number in: $skip',
  );
  return (input) => slice(input, count, 0);
};

/** `$sort`; `wanted` of the first are enough where a limit follows. */
export function sortStage(
  operand: Value,
  wanted: number,
  collation: Parameters<StageCompiler>[1]['collation'],
): Stage {
  if (!isDoc(operand)) throw new CommandError(15973, 'the $sort key specification must be an object');
  if (Object.keys(operand).length === 0)
    throw new CommandError(15976, '$sort stage must have at least one sort key');
  const fields = parseSort(operand);
  return async function* (input) {
    const sorter = new Sorter<Doc>(fields, wanted, collation);
    for await (const docs of input) for (const doc of docs) sorter.add(doc, doc, sizeOf(doc));
    yield* chunked(sorter.finish());
  };
}

export const sort: StageCompiler = (operand, { collation }) => sortStage(operand, 0, collation);

/** `$count` */
export const count: StageCompiler = (operand) => {
  if (typeof operand !== 'string')
    throw new CommandError(40156, 'the count field must be a non-empty string');
  if (operand === '') throw new CommandError(40157, 'the count field must be a non-empty string');
  if (operand.startsWith('$')) throw new CommandError(40158, 'the count field cannot be a $-prefixed path');
  if (operand.includes('.')) throw new CommandError(40160, "the count field cannot contain '.'");
  return async function* (input) {
    let total = 0;
    for await (const docs of input) total += docs.length;
    if (total > 0) yield [{ [operand]: whole(total) }];
  };
};

/** `$sortByCount` */
export const sortByCount: StageCompiler = (operand, context) => {
  const isExpression = isDoc(operand)
    ? Object.keys(operand)[0]?.startsWith('$') === true
    : typeof operand === 'string' && operand.startsWith('$');
  if (!isExpression)
    throw new CommandError(
      isDoc(operand) ? 40147 : typeof operand === 'string' ? 40148 : 40149,
      'the sortByCount field must be defined as a $-prefixed path or an expression inside an object',
    );
  const grouped = group({ _id: operand, count: { $sum: 1 } }, context);
  const sorted = sortStage({ count: -1 }, 0, context.collation);
  return (input) => sorted(grouped(input));
};

/** `$unwind` */
export const unwind: StageCompiler = (operand) => {
  const options = isDoc(operand) ? operand : { path: operand };
  const unknown = Object.keys(options).find(
    (key) => !['path', 'includeArrayIndex', 'preserveNullAndEmptyArrays'].includes(key),
  );
  if (unknown !== undefined)
    throw new CommandError(28811, `unrecognized option to $unwind stage: ${unknown}`);
  const { path, includeArrayIndex: indexField, preserveNullAndEmptyArrays: preserve } = options;
  if (path === undefined) throw new CommandError(28812, 'no path specified to $unwind stage');
  if (typeof path !== 'string')
    throw new CommandError(28808, `expected a string as the path for $unwind stage, got ${typeName(path)}`);
  if (!path.startsWith('$'))
    throw new CommandError(28818, `path option to $unwind stage should be prefixed with a '$': ${path}`);
  if (indexField !== undefined && (typeof indexField !== 'string' || indexField === ''))
    throw new CommandError(
      28810,
      'expected a non-empty string for the includeArrayIndex option to $unwind stage',
    );
  if (typeof indexField === 'string' && indexField.startsWith('$'))
    throw new CommandError(
      28822,
      `includeArrayIndex option to $unwind stage should not be prefixed with a '$': ${indexField}`,
    );
  if (preserve !== undefined && typeof preserve !== 'boolean')
    throw new CommandError(
      28809,
      `expected a boolean for the preserveNullAndEmptyArrays option to $unwind stage, got ${typeName(preserve)}`,
    );
  const parts = path.slice(1).split('.');
  const index = typeof indexField === 'string' ? indexField : undefined;
  return async function* (input) {
    for await (const docs of input) {
      const rows = docs.flatMap((doc) => [...unwound(doc, parts, preserve === true, index)]);
      if (rows.length > 0) yield* chunked(rows);
    }
  };
};

function* unwound(
  doc: Doc,
  parts: readonly string[],
  preserve: boolean,
  index: string | undefined,
): Generator<Doc> {
  const value = parts.reduce<Value>((at, part) => (isDoc(at) ? getField(at, part) : undefined), doc);
  const numbered = (row: Doc, at: number | null): Doc =>
    index === undefined ? row : withValue(row, index.split('.'), at === null ? null : Long.fromNumber(at));
  if (!Array.isArray(value)) {
    if (preserve || (value !== undefined && value !== null)) yield numbered(doc, null);
  } else if (value.length === 0) {
    if (preserve) yield numbered(withValue(doc, parts, undefined), null);
  } else for (const [at, item] of value.entries()) yield numbered(withValue(doc, parts, item), at);
}

/** A copy of a document with one value changed; what is not on the way is shared. */
export function withValue(doc: Doc, parts: readonly string[], value: Value): Doc {
  const [part = '', ...rest] = parts;
  const copy: Doc = { ...doc };
  if (rest.length > 0) {
    const inner = getField(doc, part);
    setField(copy, part, withValue(isDoc(inner) ? inner : {}, rest, value));
  } else if (value === undefined) Reflect.deleteProperty(copy, part);
  else setField(copy, part, value);
  return copy;
}

/** `$sample` */
export const sample: StageCompiler = (operand) => {
  if (!isDoc(operand)) throw new CommandError(28745, 'the $sample stage specification must be an object');
  if (!isNumeric(operand.size)) throw new CommandError(28746, 'size argument to $sample must be a number');
  const size = Math.trunc(toNumber(operand.size));
  if (size <= 0) throw new CommandError(28747, 'size argument to $sample must be a positive integer');
  return async function* (input) {
    const meter = new MemoryMeter('$sample');
    const reservoir: Doc[] = [];
    let seen = 0;
    for await (const docs of input) {
      for (const doc of docs) {
        seen += 1;
        if (reservoir.length < size) {
          reservoir.push(doc);
          meter.add(sizeOf(doc));
        } else {
          const at = Math.floor(Math.random() * seen);
          if (at < size) reservoir[at] = doc;
        }
      }
    }
    yield* chunked(shuffled(reservoir));
  };
};

function shuffled(docs: Doc[]): Doc[] {
  for (let at = docs.length - 1; at > 0; at -= 1) {
    const other = Math.floor(Math.random() * (at + 1));
    const moved = docs[at] ?? {};
    docs[at] = docs[other] ?? {};
    docs[other] = moved;
  }
  return docs;
}

/** `$redact` */
export const redact: StageCompiler = (operand, context) => {
  const decide = compileExpression(operand, scopeOf(context));
  const prune = (doc: Doc): Doc | undefined => {
    const decision = decide(doc);
    if (decision === 'KEEP') return doc;
    if (decision === 'PRUNE') return undefined;
    if (decision !== 'DESCEND')
      throw new CommandError(17053, '$redact must return one of $$KEEP, $$PRUNE or $$DESCEND');
    return descend(doc, prune);
  };
  return async function* (input) {
    for await (const docs of input) {
      const kept = docs.map(prune).filter((doc) => doc !== undefined);
      if (kept.length > 0) yield kept;
    }
  };
};

function descend(doc: Doc, prune: (doc: Doc) => Doc | undefined): Doc {
  const result: Doc = {};
  const visit = (value: Value): Value => {
    if (isDoc(value)) return prune(value);
    if (!Array.isArray(value)) return value;
    return value.flatMap((item): Value[] => {
      const kept = visit(item);
      return kept === undefined ? [] : [kept];
    });
  };
  for (const [name, value] of Object.entries(doc)) {
    const kept = visit(value);
    if (kept !== undefined) setField(result, name, kept);
  }
  return result;
}
