import { Binary, BSONRegExp, Decimal128, Double, Long, MaxKey, MinKey, ObjectId, Timestamp } from 'bson';
import { isDoc, typeName, type Value } from './value.js';

/** Writes a value the way MongoDB's messages do: `{ name: "x", at: new Date(0) }`. */
export function jsonText(value: Value): string {
  if (value === undefined) return 'undefined';
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'number') return doubleText(value, typeName(value) === 'int');
  if (value instanceof Double) return doubleText(value.value, false);
  if (Array.isArray(value)) return value.length === 0 ? '[]' : `[ ${value.map(jsonText).join(', ')} ]`;
  if (isDoc(value)) return docText(Object.entries(value));
  return scalarText(value);
}

function docText(entries: readonly [string, Value][]): string {
  if (entries.length === 0) return '{}';
  return `{ ${entries.map(([name, item]) => `${name}: ${jsonText(item)}`).join(', ')} }`;
}

function scalarText(value: object): string {
  if (value instanceof ObjectId) return `ObjectId('${value.toHexString()}')`;
  if (value instanceof Date) return `new Date(${value.getTime()})`;
  if (value instanceof Timestamp) return `Timestamp(${value.t}, ${value.i})`;
  if (value instanceof Long) return value.toString();
  if (value instanceof Decimal128) return value.toString();
  if (value instanceof Binary) {
    if (value.sub_type === Binary.SUBTYPE_UUID) return `UUID("${value.toUUID().toString()}")`;
    return `BinData(${value.sub_type}, ${Buffer.from(value.buffer.subarray(0, value.position)).toString('hex').toUpperCase()})`;
  }
  if (value instanceof BSONRegExp) return `/${value.pattern}/${value.options}`;
  if (value instanceof MinKey) return 'MinKey';
  return value instanceof MaxKey ? 'MaxKey' : JSON.stringify(value);
}

function doubleText(number: number, isInt: boolean): string {
  return isInt || !Number.isInteger(number) ? String(number) : number.toFixed(1);
}
