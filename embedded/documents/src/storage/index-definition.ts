import { toNumber } from '../bson/exact.js';
import { jsonText } from '../bson/json-text.js';
import { sortKey } from '../bson/sort-key.js';
import { isDoc, isNumeric, typeName, type Doc, type Value } from '../bson/value.js';
import { CommandError } from '../errors.js';
import { parseCollation } from '../query/collation.js';
import { compileMatcher, type Matcher } from '../query/matcher.js';
import { isIndex } from '../query/path.js';
import { getField } from '../bson/value.js';

/** An index as the catalog keeps it. */
export interface IndexSpec {
  readonly id: number;
  readonly name: string;
  readonly key: Doc;
  /** The further options, as the client gave them: `unique`, `sparse`, `partialFilterExpression`, `expireAfterSeconds`, … */
  readonly options: Doc;
  /** Whether any document has had an array on one of the paths: entries then are not one a document. */
  readonly multikey: boolean;
}

/** One field of an index. */
export interface IndexField {
  readonly path: string;
  readonly parts: readonly string[];
  readonly descending: boolean;
}

/** What a document puts into an index. */
export interface IndexKeys {
  readonly keys: readonly Buffer[];
  readonly multikey: boolean;
}

const OPTIONS = new Set([
  'unique',
  'sparse',
  'partialFilterExpression',
  'expireAfterSeconds',
  'background',
  'hidden',
  'collation',
  'v',
]);

/** An index ready for use: which keys a document has in it. */
export class IndexDefinition {
  readonly spec: IndexSpec;
  readonly fields: readonly IndexField[];
  readonly unique: boolean;
  readonly sparse: boolean;
  readonly hidden: boolean;
  /** Whether values keep their order in it: hashed fields serve equality alone. */
  readonly ordered: boolean;
  readonly partial: Doc | undefined;
  readonly expireAfterSeconds: number | undefined;
  readonly #descending: readonly boolean[];
  readonly #admits: Matcher | undefined;

  constructor(spec: IndexSpec) {
    this.spec = spec;
    const { unique, sparse, hidden, partialFilterExpression, expireAfterSeconds } = spec.options;
    this.fields = Object.entries(spec.key).map(([path, direction]) => ({
      path,
      parts: path.split('.'),
      descending: isNumeric(direction) && toNumber(direction) < 0,
    }));
    this.#descending = this.fields.map(({ descending }) => descending);
    this.unique = unique === true || spec.name === '_id_';
    this.sparse = sparse === true;
    this.hidden = hidden === true;
    this.ordered = !Object.values(spec.key).includes('hashed');
    this.partial = isDoc(partialFilterExpression) ? partialFilterExpression : undefined;
    this.#admits = this.partial ? compileMatcher(this.partial) : undefined;
    this.expireAfterSeconds = isNumeric(expireAfterSeconds) ? toNumber(expireAfterSeconds) : undefined;
  }

  get id(): number {
    return this.spec.id;
  }

  get name(): string {
    return this.spec.name;
  }

  get multikey(): boolean {
    return this.spec.multikey;
  }

  get isIdIndex(): boolean {
    return this.spec.name === '_id_';
  }

  /** The document that `listIndexes` shows. */
  describe(): Doc {
    return { v: 2, key: this.spec.key, name: this.spec.name, ...this.spec.options };
  }

  /** Encodes values of the first fields, for bounds. */
  encode(values: readonly Value[]): Buffer {
    return sortKey(values, this.#descending);
  }

  /**
   * The keys of a document in this index: one for each element where a path meets an array.
   *
   * @throws {@link CommandError} 171 `CannotIndexParallelArrays` where two paths meet different arrays.
   */
  keysOf(doc: Doc): IndexKeys {
    if (this.#admits && !this.#admits(doc)) return { keys: [], multikey: false };
    const columns = this.fields.map(({ parts }) => valuesInArrays(doc, parts));
    const present = columns.some(({ values }) => values.some((value) => value !== undefined));
    const empty = columns.some(({ emptyArray }) => emptyArray);
    if (this.sparse && !present && !empty) return { keys: [], multikey: false };
    const arrays = columns.filter(({ array }) => array !== undefined);
    const [first] = arrays;
    if (!first)
      return { keys: [this.encode(columns.map(({ values }) => values[0] ?? null))], multikey: false };
    if (arrays.some(({ array }) => array !== first.array)) throw parallelArrays(this.fields, columns);
    const keys = first.values.map((_, row) =>
      this.encode(
        columns.map((column) => {
          const value = column.array === undefined ? column.values[0] : column.values[row];
          return value ?? (column.emptyArray ? undefined : null);
        }),
      ),
    );
    return { keys: distinctKeys(keys), multikey: true };
  }
}

interface Column {
  /** The outermost array that the path met. */
  readonly array: readonly Value[] | undefined;
  readonly values: readonly Value[];
  /** Whether the path ends in an empty array, which is indexed below null. */
  readonly emptyArray: boolean;
}

/** The values on a path, row for row with the elements of the outermost array on it. */
function valuesInArrays(doc: Doc, parts: readonly string[]): Column {
  let value: Value = doc;
  for (const [at, part] of parts.entries()) {
    if (Array.isArray(value)) {
      if (isIndex(part) && Number(part) < value.length) value = value[Number(part)];
      else return rows(value, parts.slice(at));
    } else value = isDoc(value) ? getField(value, part) : undefined;
  }
  if (Array.isArray(value)) return rows(value, []);
  return { array: undefined, values: [value], emptyArray: false };
}

function rows(array: readonly Value[], rest: readonly string[]): Column {
  if (array.length === 0) return { array, values: [undefined], emptyArray: rest.length === 0 };
  if (rest.length === 0) return { array, values: array, emptyArray: false };
  const values = array.flatMap((item) => {
    const inner = isDoc(item) ? valuesInArrays(item, rest) : undefined;
    return inner ? [...inner.values] : [undefined];
  });
  return { array, values, emptyArray: false };
}

function parallelArrays(fields: readonly IndexField[], columns: readonly Column[]): CommandError {
  const names = fields.filter((_, at) => columns[at]?.array !== undefined).map(({ path }) => path);
  return new CommandError(171, `cannot index parallel arrays [${names[1] ?? ''}] [${names[0] ?? ''}]`);
}

function distinctKeys(keys: readonly Buffer[]): Buffer[] {
  const seen = new Map(keys.map((key) => [key.toString('latin1'), key]));
  return [...seen.values()];
}

/** The name MongoDB gives an index by default: its fields and directions. */
export function defaultIndexName(key: Doc): string {
  return Object.entries(key)
    .map(([path, direction]) => `${path}_${isNumeric(direction) ? toNumber(direction) : jsonText(direction)}`)
    .join('_');
}

/**
 * Reads one element of `createIndexes`.
 *
 * @throws {@link CommandError} with MongoDB's code for what is wrong in it or not supported here.
 */
export function parseIndexSpec(spec: Value): Omit<IndexSpec, 'id' | 'multikey'> {
  if (!isDoc(spec))
    throw new CommandError('TypeMismatch', "BSON field 'createIndexes.indexes' holds no object");
  const { key, name: given, ns: _ns, ...options } = spec;
  if (!isDoc(key))
    throw new CommandError(
      'FailedToParse',
      "The 'key' field is a required property of an index specification",
    );
  assertKeyPattern(key);
  if (given !== undefined && typeof given !== 'string')
    throw new CommandError('TypeMismatch', "The field 'name' must be a string");
  const name = given ?? defaultIndexName(key);
  if (name === '')
    throw new CommandError('CannotCreateIndex', 'Error in specification: index name cannot be empty');
  if (name === '*') throw new CommandError('BadValue', "The index name '*' is not valid.");
  assertOptions(options, key);
  const { background: _background, v: _v, ...kept } = options;
  return { name, key, options: withoutFalse(kept) };
}

function assertKeyPattern(key: Doc): void {
  const entries = Object.entries(key);
  const refuse = (why: string): never => {
    throw new CommandError('CannotCreateIndex', why);
  };
  if (entries.length === 0) refuse('Index keys cannot be an empty object.');
  if (entries.length > 32) refuse('Index key pattern too large: more than 32 fields');
  for (const [path, direction] of entries) {
    if (path === '') refuse('Index keys cannot contain an empty field name.');
    if (path.split('.').some((part) => part === ''))
      refuse('Index keys cannot contain empty field name parts.');
    if (path.split('.').some((part) => part.startsWith('$') && !['$id', '$ref', '$db'].includes(part)))
      refuse(`Index key contains an illegal field name: field name starts with '$'.`);
    if (path.includes('$**')) refuse('Wildcard indexes are not supported');
    if (isNumeric(direction)) {
      if (toNumber(direction) === 0 || Number.isNaN(toNumber(direction)))
        refuse('Values in the index key pattern cannot be 0.');
    } else if (direction !== 'hashed') {
      if (typeof direction !== 'string')
        refuse(
          `Values in v:2 index key pattern cannot be of type ${typeName(direction)}. Only numbers > 0, numbers < 0, and strings are allowed.`,
        );
      refuse(
        ['text', '2d', '2dsphere', 'geoHaystack', 'columnstore'].includes(jsonText(direction))
          ? `Index type '${jsonText(direction)}' is not supported`
          : `Unknown index plugin '${jsonText(direction)}'`,
      );
    }
  }
}

function assertOptions(options: Doc, key: Doc): void {
  const unknown = Object.keys(options).find((option) => !OPTIONS.has(option));
  if (unknown !== undefined)
    throw new CommandError(
      'InvalidIndexSpecificationOption',
      `The field '${unknown}' is not valid for an index specification. Specification: ${JSON.stringify(options)}`,
    );
  for (const option of ['unique', 'sparse', 'hidden'] as const) {
    const value = options[option];
    if (value !== undefined && typeof value !== 'boolean' && !isNumeric(value))
      throw new CommandError(
        'TypeMismatch',
        `The field '${option}' has value ${JSON.stringify(value)}, which is not convertible to bool`,
      );
  }
  const { partialFilterExpression: partial, expireAfterSeconds: expiry, sparse } = options;
  if (partial !== undefined) {
    if (!isDoc(partial))
      throw new CommandError('TypeMismatch', "The field 'partialFilterExpression' must be an object");
    if (sparse === true)
      throw new CommandError(
        'CannotCreateIndex',
        'cannot mix "partialFilterExpression" and "sparse" options',
      );
    compileMatcher(partial);
  }
  if (expiry !== undefined) {
    const seconds = isNumeric(expiry) ? toNumber(expiry) : NaN;
    if (!(seconds >= 0 && seconds <= 0x7fffffff))
      throw new CommandError(
        'CannotCreateIndex',
        "TTL index 'expireAfterSeconds' must be within the range 0 to 2147483647.",
      );
    if (Object.keys(key).length > 1)
      throw new CommandError(
        'CannotCreateIndex',
        'TTL indexes are single-field indexes, compound indexes do not support TTL.',
      );
    if ('_id' in key)
      throw new CommandError(
        'CannotCreateIndex',
        "The field 'expireAfterSeconds' is not valid for an _id index specification.",
      );
  }
  if (parseCollation(options.collation))
    throw new CommandError('CannotCreateIndex', 'An index with a collation is not supported');
}

/** Options that say what is so anyway are not kept, as MongoDB does not. */
function withoutFalse(options: Doc): Doc {
  return Object.fromEntries(
    Object.entries(options)
      .map(([name, value]): [string, Value] => [
        name,
        ['unique', 'sparse', 'hidden'].includes(name)
          ? Boolean(isNumeric(value) ? toNumber(value) : value)
          : value,
      ])
      .filter(([, value]) => value !== false && value !== undefined),
  );
}
