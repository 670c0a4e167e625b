import { dayOf } from './dates.js';

/** What is wrong with a value, or undefined. */
type Check<T> = (value: T) => string | undefined;

const matching =
  (pattern: RegExp, what: string): Check<string> =>
  (value) =>
    pattern.test(value) ? undefined : `is not in the format of ${what}`;

const day = '\\d{3}[1-9]|\\d{2}[1-9]0|\\d[1-9]00|[1-9]000';
const time = '([01]\\d|2[0-3]):[0-5]\\d:([0-5]\\d|60)(\\.\\d{1,9})?';
const zone = '(Z|[+-]((0\\d|1[0-3]):[0-5]\\d|14:00))';
const monthDay = '(0[1-9]|1[0-2])-(0[1-9]|[12]\\d|3[01])';

/** A format with a day in it that the calendar has. */
function dated(pattern: RegExp, what: string): Check<string> {
  const format = matching(pattern, what);
  return (value) => format(value) ?? (dayOf(value) === undefined ? 'is no day of the calendar' : undefined);
}

/** Characters below the space, but tab, line feed and carriage return. */
const controls = /[^\P{Cc}\t\n\r\u007F-\u009F]/u;
const text: Check<string> = (value) =>
  controls.test(value)
    ? 'Invalid string format: it has control characters'
    : /\p{Surrogate}/u.test(value)
      ? 'is not well-formed Unicode'
      : value.trim() === ''
        ? 'must contain more than white space'
        : undefined;

/** In blocks of four; white space between them is allowed. */
const base64: Check<string> = (value) => {
  const packed = value.replace(/\s+/g, '');
  return packed.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(packed)
    ? undefined
    : 'is not in the format of base64Binary';
};

const textChecks: Readonly<Record<string, Check<string>>> = {
  base64Binary: base64,
  canonical: matching(/^\S+$/, 'canonical'),
  code: matching(/^\S+( \S+)*$/, 'code'),
  date: dated(new RegExp(`^(${day})(-((0[1-9]|1[0-2])|${monthDay}))?$`), 'date'),
  dateTime: dated(
    new RegExp(`^(${day})(-((0[1-9]|1[0-2])|${monthDay}(T${time}${zone})?))?$`),
    'dateTime (with a time, it has seconds and a time zone)',
  ),
  id: matching(/^[A-Za-z0-9.-]{1,64}$/, 'id'),
  instant: dated(new RegExp(`^(${day})-${monthDay}T${time}${zone}$`), 'instant'),
  markdown: text,
  oid: matching(/^urn:oid:[0-2](\.(0|[1-9]\d*))+$/, 'oid'),
  string: text,
  time: matching(new RegExp(`^${time}$`), 'time'),
  uri: matching(/^\S+$/, 'uri'),
  url: matching(/^\S+$/, 'url'),
  uuid: matching(/^urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, 'uuid'),
  xhtml: (value) =>
    /^\s*<div[\s>]/.test(value)
      ? activeContent.test(value)
        ? 'has active content, which a narrative must not have'
        : undefined
      : 'is not an XHTML div',
};

/** Elements and attributes that R4 forbids in a narrative, since they run or load something. */
const activeContent =
  /<\s*(script|iframe|object|embed|form|input|link|style|base|frame)\b|\son\w+\s*=|javascript:/i;

const int32 = 2 ** 31;
const numberChecks: Readonly<Record<string, Check<number>>> = {
  decimal: () => undefined,
  integer: (value) => within(value, -int32),
  positiveInt: (value) => within(value, 1),
  unsignedInt: (value) => within(value, 0),
};

function within(value: number, least: number): string | undefined {
  if (!Number.isInteger(value)) return 'is not a whole number';
  return value < least || value >= int32 ? `must be ${least} to ${int32 - 1}` : undefined;
}

/** Characters of any text but base64, which R4 sets no end to. */
const longestText = 1_048_576;

/** What is wrong with the value of a primitive type of FHIR R4, or undefined. */
export function wrongPrimitive(type: string, value: unknown): string | undefined {
  const wanted = type === 'boolean' ? 'boolean' : Object.hasOwn(numberChecks, type) ? 'number' : 'string';
  if (typeof value !== wanted) return `Invalid JSON type: expected ${wanted}, but got ${jsonTypeOf(value)}`;
  if (typeof value === 'number') return numberChecks[type]?.(value);
  if (typeof value !== 'string') return undefined;
  if (value.length > longestText && type !== 'base64Binary') return 'is longer than 1 MB';
  return value === '' ? 'is empty' : textChecks[type]?.(value);
}

/** What JSON calls a value. */
export function jsonTypeOf(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}
