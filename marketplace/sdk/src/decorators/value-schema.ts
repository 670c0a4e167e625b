/** How a value looks: part of JSON Schema, which a contract's metadata carry to the graph. */

/** A class with {@link DataType}, or its name where the class is not defined yet. */
export type TypeName = string | (abstract new (...args: never[]) => object);
/** `string`, `number`, `integer`, `boolean`, a type of the DApp; a list of one in brackets. */
export type TypeReference = TypeName | readonly [TypeName];

/** Rules on a value beside its type. */
export interface ValueRules {
  /** Needed where TypeScript's own type does not say it: of lists, whole numbers and types that come later in the file. */
  readonly type?: TypeReference;
  readonly enum?: readonly string[];
  /** Of JSON Schema: the graph makes scalars of `date`, `date-time` and `uri`. */
  readonly format?: 'date' | 'date-time' | 'uri' | 'email';
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  /** Of a list. */
  readonly minItems?: number;
  readonly maxItems?: number;
}

export type ValueSchema = Readonly<Record<string, unknown>>;

const primitives: ReadonlySet<string> = new Set(['string', 'number', 'integer', 'boolean']);
/** What TypeScript says of a type that has no class of its own. */
const untold: ReadonlySet<string> = new Set(['Object', 'Array', 'Promise', 'Function', 'Map', 'Date']);
const ofLists: ReadonlySet<string> = new Set(['minItems', 'maxItems']);

function schemaOfName(type: TypeName, prefix: string): ValueSchema {
  const name = typeof type === 'string' ? type : type.name;
  if (name.endsWith('[]')) return { type: 'array', items: schemaOfName(name.slice(0, -2), prefix) };
  const primitive = name.toLowerCase();
  if (primitives.has(primitive)) return { type: primitive };
  if (untold.has(name))
    throw new TypeError(`its type must be said: { type: … }, since TypeScript says only ${name}`);
  return { $ref: `${prefix}${name}` };
}

/** @param prefix - of references to types: they are written in two ways in a contract's metadata. */
export function schemaOfType(type: TypeReference, prefix: string): ValueSchema {
  if (typeof type === 'string' || typeof type === 'function') return schemaOfName(type, prefix);
  return { type: 'array', items: schemaOfName(type[0], prefix) };
}

/**
 * Schema of a value with its rules, which on a list are those of its items.
 * @param said - what TypeScript says of the type.
 */
export function schemaOfValue(said: unknown, { type, ...rules }: ValueRules, prefix: string): ValueSchema {
  const told = typeof said === 'function' ? said.name : 'Object';
  // Of a union of literals TypeScript does not always say what they are.
  const reference = type ?? (rules.enum ? 'string' : told);
  const schema = schemaOfType(reference, prefix);
  const given = Object.entries(rules);
  const { items } = schema;
  if (items === undefined) return { ...schema, ...Object.fromEntries(given) };
  return {
    ...schema,
    ...Object.fromEntries(given.filter(([rule]) => ofLists.has(rule))),
    items: { ...items, ...Object.fromEntries(given.filter(([rule]) => !ofLists.has(rule))) },
  };
}
