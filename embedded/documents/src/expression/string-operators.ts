import { BSONRegExp, BSONSymbol, Code, Timestamp } from 'bson';
import { toNumber } from '../bson/exact.js';
import { isNumeric, isNullish, typeName, type Doc, type Value } from '../bson/value.js';
import { CommandError } from '../errors.js';
import { toRegExp } from '../query/regex.js';
import { ofArguments, ofNames, type Operator } from './operator.js';
import { numberText } from './type-operators.js';

const ANY = [0, Infinity] as const;

function stringOr(value: Value, code: number, message: (type: string) => string): string {
  if (typeof value === 'string') return value;
  if (value instanceof BSONSymbol) return value.value;
  throw new CommandError(code, message(value === undefined ? 'missing' : typeName(value)));
}

/** What string operators make of values of other types: numbers and dates as text, null and missing as nothing. */
export function coerceToString(value: Value, name: string): string {
  if (isNullish(value)) return '';
  if (typeof value === 'string') return value;
  if (isNumeric(value)) return numberText(value);
  if (value instanceof Date) return value.toISOString();
  if (value instanceof BSONSymbol) return value.value;
  if (value instanceof Code) return value.code;
  if (value instanceof Timestamp) return value.toBigInt().toString();
  throw new CommandError(16007, `can't convert from BSON type ${typeName(value)} to String (${name})`);
}

const asciiOnly = (change: (text: string) => string): Operator =>
  ofArguments(1, ([value], name) => coerceToString(value, name).replace(/[A-Za-z]+/g, change));

function trimming(start: boolean, end: boolean): Operator {
  return ofNames(['input'], ['chars'], ({ input, chars }, name) => {
    if (isNullish(input)) return null;
    const text = Array.from(
      stringOr(input, 50699, (type) => `${name} requires its input to be a string, got ${type}`),
    );
    if (chars === null) return null;
    const isTrimmed = trimmed(chars, name);
    let from = 0;
    let to = text.length;
    while (start && from < to && isTrimmed(text[from] ?? '')) from += 1;
    while (end && to > from && isTrimmed(text[to - 1] ?? '')) to -= 1;
    return text.slice(from, to).join('');
  });
}

function trimmed(chars: Value, name: string): (character: string) => boolean {
  if (chars === undefined) return (character) => /[\s\0]/.test(character);
  const set = new Set(
    stringOr(chars, 50700, (type) => `${name} requires 'chars' to be a string, got ${type}`),
  );
  return (character) => set.has(character);
}

function replacing(all: boolean): Operator {
  return ofNames(['input', 'find', 'replacement'], [], ({ input, find, replacement }, name) => {
    const [text, from, to] = [input, find, replacement].map((value, at) => {
      if (isNullish(value)) return null;
      return stringOr(
        value,
        51746 - at,
        (type) =>
          `${name} requires that '${['input', 'find', 'replacement'][at] ?? ''}' be a string, found: ${type}`,
      );
    });
    if (isNullish(text) || isNullish(from) || isNullish(to)) return null;
    return all ? text.replaceAll(from, () => to) : text.replace(from, () => to);
  });
}

function integer(value: Value, code: number, what: string): number {
  const number = isNumeric(value) ? toNumber(value) : NaN;
  if (!Number.isInteger(number))
    throw new CommandError(code, `${what} must be a whole number, found ${typeName(value)}`);
  return number;
}

function substringCodePoints([value, start, count]: Value[]): Value {
  const text = Array.from(coerceToString(value, '$substrCP'));
  const from = integer(start, 34450, '$substrCP: starting index');
  const length = integer(count, 34452, '$substrCP: length');
  if (from < 0) throw new CommandError(34455, '$substrCP: the starting index must be nonnegative integer.');
  if (length < 0) throw new CommandError(34454, '$substrCP: length must be a nonnegative integer.');
  return text.slice(from, from + length).join('');
}

function substringBytes([value, start, count]: Value[]): Value {
  const bytes = Buffer.from(coerceToString(value, '$substrBytes'));
  const from = Math.trunc(isNumeric(start) ? toNumber(start) : NaN);
  const length = Math.trunc(isNumeric(count) ? toNumber(count) : NaN);
  if (Number.isNaN(from))
    throw new CommandError(
      16034,
      `$substrBytes:  starting index must be a numeric type (is BSON type ${typeName(start)})`,
    );
  if (Number.isNaN(length))
    throw new CommandError(
      16035,
      `$substrBytes:  length must be a numeric type (is BSON type ${typeName(count)})`,
    );
  if (from < 0)
    throw new CommandError(50752, `$substrBytes:  starting index must be non-negative (got: ${from})`);
  const to = length < 0 ? bytes.length : Math.min(from + length, bytes.length);
  const isContinuation = (at: number): boolean => ((bytes[at] ?? 0) & 0xc0) === 0x80;
  if (isContinuation(from))
    throw new CommandError(
      28656,
      '$substrBytes:  Invalid range, starting index is a UTF-8 continuation byte.',
    );
  if (isContinuation(to))
    throw new CommandError(
      28657,
      '$substrBytes:  Invalid range, ending index is in the middle of a UTF-8 character.',
    );
  return bytes.subarray(from, Math.max(from, to)).toString();
}

function indexOf(units: (text: string) => readonly unknown[]): Operator {
  return ofArguments([2, 4], ([value, sought, start = 0, end], name) => {
    if (isNullish(value)) return null;
    const text = units(
      stringOr(value, 40091, (type) => `${name} requires a string as the first argument, found: ${type}`),
    );
    const part = units(
      stringOr(sought, 40092, (type) => `${name} requires a string as the second argument, found: ${type}`),
    );
    const from = integer(start, 40096, `${name} starting index`);
    const to = Math.min(
      end === undefined ? text.length : integer(end, 40096, `${name} ending index`),
      text.length,
    );
    if (from < 0 || to < 0) throw new CommandError(40097, `${name} requires a nonnegative index`);
    for (let at = from; at + part.length <= to; at += 1)
      if (part.every((unit, offset) => unit === text[at + offset])) return at;
    return -1;
  });
}

interface RegexInput {
  readonly text: string;
  readonly regex: RegExp;
}

function regexInput({ input, regex, options }: Doc, name: string): RegexInput | undefined {
  if (isNullish(input) || isNullish(regex)) return undefined;
  const text = stringOr(input, 51104, (type) => `${name} needs 'input' to be of type string, not ${type}`);
  if (options !== undefined && options !== null && typeof options !== 'string')
    throw new CommandError(51106, `${name} needs 'options' to be of type string`);
  if (regex instanceof BSONRegExp) {
    if (regex.options && options)
      throw new CommandError(
        51107,
        `${name}: found regex option(s) specified in both 'regex' and 'option' fields`,
      );
    return { text, regex: toRegExp(new BSONRegExp(regex.pattern, options ?? regex.options)) };
  }
  const pattern = stringOr(regex, 51105, () => `${name} needs 'regex' to be of type string or regex`);
  return { text, regex: toRegExp(new BSONRegExp(pattern, options ?? '')) };
}

function matchesOf({ text, regex }: RegexInput): Doc[] {
  const global = new RegExp(regex.source, `${regex.flags}g`);
  return [...text.matchAll(global)].map((match) => ({
    match: match[0],
    idx: Array.from(text.slice(0, match.index)).length,
    captures: match.slice(1).map((capture: string | undefined) => capture ?? null),
  }));
}

const REGEX = [['input', 'regex'], ['options']] as const;

/** Strings. */
export const STRINGS: Readonly<Record<string, Operator>> = {
  $concat: ofArguments(ANY, (values) =>
    values.some(isNullish)
      ? null
      : values
          .map((value) => stringOr(value, 16702, (type) => `$concat only supports strings, not ${type}`))
          .join(''),
  ),
  $toLower: asciiOnly((text) => text.toLowerCase()),
  $toUpper: asciiOnly((text) => text.toUpperCase()),
  $strcasecmp: ofArguments(2, ([a, b], name) => {
    const x = coerceToString(a, name).toUpperCase();
    const y = coerceToString(b, name).toUpperCase();
    return x < y ? -1 : Number(x > y);
  }),
  $strLenCP: ofArguments(
    1,
    ([value]) =>
      Array.from(stringOr(value, 34471, (type) => `$strLenCP requires a string argument, found: ${type}`))
        .length,
  ),
  $strLenBytes: ofArguments(1, ([value]) =>
    Buffer.byteLength(
      stringOr(value, 34473, (type) => `$strLenBytes requires a string argument, found: ${type}`),
    ),
  ),
  $substrCP: ofArguments(3, substringCodePoints),
  $substrBytes: ofArguments(3, substringBytes),
  $substr: ofArguments(3, substringBytes),
  $indexOfCP: indexOf((text) => Array.from(text)),
  $indexOfBytes: indexOf((text) => [...Buffer.from(text)]),
  $split: ofArguments(2, ([value, delimiter]) => {
    if (isNullish(value) || isNullish(delimiter)) return null;
    const text = stringOr(
      value,
      40085,
      (type) =>
        `$split requires an expression that evaluates to a string as a first argument, found: ${type}`,
    );
    const by = stringOr(
      delimiter,
      40086,
      (type) =>
        `$split requires an expression that evaluates to a string as a second argument, found: ${type}`,
    );
    if (by === '') throw new CommandError(40087, '$split requires a non-empty separator');
    return text.split(by);
  }),
  $trim: trimming(true, true),
  $ltrim: trimming(true, false),
  $rtrim: trimming(false, true),
  $replaceOne: replacing(false),
  $replaceAll: replacing(true),
  $regexMatch: ofNames(...REGEX, (values, name) => {
    const input = regexInput(values, name);
    return input ? input.regex.test(input.text) : false;
  }),
  $regexFind: ofNames(...REGEX, (values, name) => {
    const input = regexInput(values, name);
    return (input && matchesOf(input)[0]) ?? null;
  }),
  $regexFindAll: ofNames(...REGEX, (values, name) => {
    const input = regexInput(values, name);
    return input ? matchesOf(input) : [];
  }),
};
