/** How values of the graph become texts for a contract, and its answers values of the graph. */
import { type Shape, type ScalarName, type Shapes } from './shapes.js';

/** Longest answer of a contract that is read, in characters. */
export const longestAnswer = 1_000_000;
const deepest = 64;

/** An answer that is not what its shape allows. */
export class ValueInvalid extends Error {
  constructor(
    readonly where: string,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

const isText = (shape: Shape): boolean =>
  shape.kind === 'enum' ||
  (shape.kind === 'scalar' && (['String', 'ID', 'Date', 'DateTime'] as ScalarName[]).includes(shape.scalar));

/** An argument as contracts take it, in whatever language: text as it is, all else as JSON. */
export function encodeArgument(shape: Shape, value: unknown): string {
  const absent = value === undefined || value === null;
  if (!isText(shape)) return JSON.stringify(absent ? null : value);
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

/**
 * What a contract answered, checked, as a copy of nothing but what the shape has.
 * @returns undefined where there is nothing.
 * @throws {@link ValueInvalid}
 */
export function decodeAnswer(shapes: Shapes, shape: Shape, text: string): unknown {
  if (text.length > longestAnswer)
    throw new ValueInvalid('result', `is longer than ${longestAnswer} characters`);
  if (isText(shape)) return text === '' ? undefined : checkedValue(shapes, shape, unquoted(text));
  if (text === '') return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new ValueInvalid('result', 'is no JSON', { cause: error });
  }
  return value === null ? undefined : checkedValue(shapes, shape, value);
}

/** Contracts of Node quote the text that they answer, those of Go and Java do not. */
function unquoted(text: string): string {
  if (!text.startsWith('"')) return text;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'string' ? value : text;
  } catch {
    return text;
  }
}

/** A value that fits a shape. @throws {@link ValueInvalid} */
export function checkedValue(
  shapes: Shapes,
  shape: Shape,
  value: unknown,
  where = 'result',
  depth = 0,
): unknown {
  if (depth > deepest) throw new ValueInvalid(where, `is nested deeper than ${deepest}`);
  if (value === undefined || value === null) {
    if (shape.nullable) return null;
    // A list without elements is null in the JSON of Go.
    if (shape.kind === 'list') return [];
    throw new ValueInvalid(where, 'is missing');
  }
  switch (shape.kind) {
    case 'scalar':
      return scalar(shape.scalar, value, where);
    case 'enum': {
      const values = shapes.enums.get(shape.name);
      if (typeof value === 'string' && values?.includes(value)) return value;
      throw new ValueInvalid(where, 'is none of the values that there are');
    }
    case 'list':
      if (!Array.isArray(value)) throw new ValueInvalid(where, 'is no list');
      return value.map((item: unknown, index) =>
        checkedValue(shapes, shape.of, item, `${where}.${index}`, depth + 1),
      );
    case 'object': {
      if (typeof value !== 'object' || Array.isArray(value)) throw new ValueInvalid(where, 'is no object');
      // Without prototype: a field `constructor` that is absent is absent.
      const object = Object.create(null) as Record<string, unknown>;
      for (const [field, { shape: of }] of shapes.objects.get(shape.name)?.fields ?? []) {
        const member: unknown = Object.hasOwn(value, field)
          ? (value as Record<string, unknown>)[field]
          : null;
        object[field] = checkedValue(shapes, of, member, `${where}.${field}`, depth + 1);
      }
      return object;
    }
  }
}

const date = /^\d{4}-\d{2}-\d{2}$/;

function scalar(name: ScalarName, value: unknown, where: string): unknown {
  switch (name) {
    case 'String':
      if (typeof value === 'string') return value;
      break;
    case 'ID':
      if (typeof value === 'string' || Number.isSafeInteger(value)) return String(value);
      break;
    case 'Boolean':
      if (typeof value === 'boolean') return value;
      break;
    case 'Float':
      if (typeof value === 'number') return value;
      break;
    case 'Int':
      if (Number.isInteger(value) && (value as number) === ((value as number) | 0)) return value;
      break;
    case 'SafeInt':
      if (Number.isSafeInteger(value)) return value;
      break;
    case 'Date':
      if (typeof value === 'string' && date.test(value) && !Number.isNaN(Date.parse(value))) return value;
      break;
    case 'DateTime': {
      // Contracts write instants with as many digits as their language has.
      const at =
        typeof value === 'string' && /^\d{4}-\d{2}-\d{2}T/.test(value) ? Date.parse(value) : Number.NaN;
      if (!Number.isNaN(at)) return new Date(at).toISOString();
      break;
    }
    case 'JSON':
      requireShallow(value, where);
      return value;
  }
  throw new ValueInvalid(where, `is no ${name}`);
}

function requireShallow(root: unknown, where: string): void {
  const open: { readonly value: unknown; readonly depth: number }[] = [{ value: root, depth: 0 }];
  for (let next = open.pop(); next; next = open.pop()) {
    if (typeof next.value !== 'object' || next.value === null) continue;
    if (next.depth > deepest) throw new ValueInvalid(where, `is nested deeper than ${deepest}`);
    for (const value of Object.values(next.value) as unknown[]) open.push({ value, depth: next.depth + 1 });
  }
}
