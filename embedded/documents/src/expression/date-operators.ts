import { Binary, Long, Timestamp, calculateObjectSize } from 'bson';
import { toNumber } from '../bson/exact.js';
import { isDoc, isNumeric, isNullish, typeName, type Doc, type Value } from '../bson/value.js';
import { CommandError } from '../errors.js';
import { compileWith } from './compile.js';
import { toDate } from './library.js';
import { ofArguments, ofNames, type Operator } from './operator.js';

const DAY_MILLIS = 86_400_000;

/** A part of a date that is already in its time zone (as if that were UTC). */
type Part = (date: Date) => Value;

const zones = new Map<string, Intl.DateTimeFormat>();

function formatOf(timezone: string): Intl.DateTimeFormat {
  const known = zones.get(timezone);
  if (known) return known;
  try {
    const format = new Intl.DateTimeFormat('en-US', {
      timeZone: timezone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
    zones.set(timezone, format);
    return format;
  } catch {
    throw new CommandError(40485, `unrecognized time zone identifier: "${timezone}"`);
  }
}

/** How far a time zone is ahead of UTC at a time, in milliseconds. */
function offsetAt(timezone: string, time: number): number {
  if (timezone === 'UTC' || timezone === 'GMT' || timezone === 'Z') return 0;
  const fixed = /^([+-])(\d{2}):?(\d{2})?$/.exec(timezone);
  if (fixed) {
    const minutes = Number(fixed[2]) * 60 + Number(fixed[3] ?? 0);
    return (fixed[1] === '-' ? -1 : 1) * minutes * 60_000;
  }
  const parts = Object.fromEntries(
    formatOf(timezone)
      .formatToParts(time)
      .map(({ type, value }) => [type, Number(value)]),
  );
  const local = Date.UTC(
    parts.year ?? 0,
    (parts.month ?? 1) - 1,
    parts.day,
    parts.hour,
    parts.minute,
    parts.second,
  );
  return local - Math.floor(time / 1000) * 1000;
}

function zoneOf(value: Value): string {
  if (typeof value === 'string') return value;
  throw new CommandError(40517, `timezone must evaluate to a string, found ${typeName(value)}`);
}

/** The date moved so that its UTC parts are those of the time zone; null where either is missing. */
function localDate(date: Value, timezone: Value, name: string): Date | null {
  const found = toDate(date, name);
  if (!(found instanceof Date) || timezone === null) return null;
  const offset = timezone === undefined ? 0 : offsetAt(zoneOf(timezone), found.getTime());
  return new Date(found.getTime() + offset);
}

function part(read: Part): Operator {
  return (operand, { name, names }) => {
    const isNamed = isDoc(operand) && !Object.keys(operand)[0]?.startsWith('$');
    if (Array.isArray(operand) && operand.length !== 1)
      throw new CommandError(
        40536,
        `${name} accepts exactly one argument if given an array, but was given ${operand.length}`,
      );
    const unknown = isNamed
      ? Object.keys(operand).find((key) => key !== 'date' && key !== 'timezone')
      : undefined;
    if (unknown !== undefined) throw new CommandError(40535, `unrecognized option to ${name}: "${unknown}"`);
    const single = Array.isArray(operand) ? operand[0] : operand;
    const date = compileWith(isNamed ? operand.date : single, names);
    const timezone = isNamed && 'timezone' in operand ? compileWith(operand.timezone, names) : undefined;
    return (environment) => {
      const zone = timezone ? (timezone(environment) ?? null) : undefined;
      const local = localDate(date(environment), zone, name);
      return local && read(local);
    };
  };
}

function dayOfYear(date: Date): number {
  const start = Date.UTC(date.getUTCFullYear(), 0, 1);
  return Math.floor((date.getTime() - start) / DAY_MILLIS) + 1;
}

/** The year and number of a date's ISO 8601 week: the one that its Thursday is in. */
function isoWeek(date: Date): { readonly year: number; readonly week: number } {
  const day = date.getUTCDay() || 7;
  const thursday = new Date(date.getTime() + (4 - day) * DAY_MILLIS);
  return { year: thursday.getUTCFullYear(), week: Math.floor((dayOfYear(thursday) - 1) / 7) + 1 };
}

const PARTS: Readonly<Record<string, Part>> = {
  $year: (date) => date.getUTCFullYear(),
  $month: (date) => date.getUTCMonth() + 1,
  $dayOfMonth: (date) => date.getUTCDate(),
  $hour: (date) => date.getUTCHours(),
  $minute: (date) => date.getUTCMinutes(),
  $second: (date) => date.getUTCSeconds(),
  $millisecond: (date) => date.getUTCMilliseconds(),
  $dayOfWeek: (date) => date.getUTCDay() + 1,
  $dayOfYear: dayOfYear,
  $isoDayOfWeek: (date) => date.getUTCDay() || 7,
  $isoWeek: (date) => isoWeek(date).week,
  $isoWeekYear: (date) => Long.fromNumber(isoWeek(date).year),
  // Weeks begin on Sunday; the days before the first one are in week 0.
  $week: (date) => Math.floor((dayOfYear(date) + 6 - date.getUTCDay()) / 7),
};

function dateToParts({ date, timezone, iso8601 }: Doc, name: string): Value {
  const local = localDate(date, timezone, name);
  if (!local) return null;
  const time = {
    hour: local.getUTCHours(),
    minute: local.getUTCMinutes(),
    second: local.getUTCSeconds(),
    millisecond: local.getUTCMilliseconds(),
  };
  if (iso8601 === true) {
    const { year, week } = isoWeek(local);
    return { isoWeekYear: year, isoWeek: week, isoDayOfWeek: local.getUTCDay() || 7, ...time };
  }
  return { year: local.getUTCFullYear(), month: local.getUTCMonth() + 1, day: local.getUTCDate(), ...time };
}

const FROM_PARTS = [
  'year',
  'month',
  'day',
  'isoWeekYear',
  'isoWeek',
  'isoDayOfWeek',
  'hour',
  'minute',
  'second',
  'millisecond',
  'timezone',
];

/** A date of its parts; parts beyond their range carry over into the next larger one. */
function dateFromParts(parts: Doc): Value {
  if (Object.values(parts).some(isNullish)) return null;
  const at = (field: string, fallback: number): number => {
    const value = field in parts ? parts[field] : fallback;
    const number = isNumeric(value) ? toNumber(value) : NaN;
    if (!Number.isInteger(number))
      throw new CommandError(40515, `'${field}' must evaluate to an integer, found ${typeName(value)}`);
    return number;
  };
  const start = 'isoWeekYear' in parts ? isoStart(at) : calendarStart(at);
  const time =
    start +
    at('hour', 0) * 3_600_000 +
    at('minute', 0) * 60_000 +
    at('second', 0) * 1000 +
    at('millisecond', 0);
  const timezone = parts.timezone;
  if (timezone === undefined) return new Date(time);
  const zone = zoneOf(timezone);
  const guess = time - offsetAt(zone, time);
  return new Date(time - offsetAt(zone, guess));
}

type ReadPart = (field: string, fallback: number) => number;

function calendarStart(at: ReadPart): number {
  const year = at('year', NaN);
  if (year < 1 || year > 9999)
    throw new CommandError(40523, `'year' must evaluate to an integer in the range 1 to 9999, found ${year}`);
  const start = new Date(0);
  start.setUTCFullYear(year, at('month', 1) - 1, at('day', 1));
  return start.getTime();
}

function isoStart(at: ReadPart): number {
  const fourth = new Date(Date.UTC(at('isoWeekYear', NaN), 0, 4));
  const monday = fourth.getTime() - ((fourth.getUTCDay() || 7) - 1) * DAY_MILLIS;
  return monday + ((at('isoWeek', 1) - 1) * 7 + at('isoDayOfWeek', 1) - 1) * DAY_MILLIS;
}

function timestampPart(code: number, read: (timestamp: Timestamp) => number): Operator {
  return ofArguments(1, ([value], name) => {
    if (isNullish(value)) return null;
    if (!(value instanceof Timestamp))
      throw new CommandError(code, `Argument to ${name} must be a timestamp, but is ${typeName(value)}`);
    return Long.fromNumber(read(value));
  });
}

/** Parts of dates and timestamps, and the sizes of values. */
export const DATES: Readonly<Record<string, Operator>> = {
  ...Object.fromEntries(Object.entries(PARTS).map(([name, read]) => [name, part(read)])),
  $dateToParts: ofNames(['date'], ['timezone', 'iso8601'], dateToParts),
  $dateFromParts: ofNames([], FROM_PARTS, dateFromParts),
  $tsSecond: timestampPart(5687301, ({ t }) => t),
  $tsIncrement: timestampPart(5687302, ({ i }) => i),
  $binarySize: ofArguments(1, ([value]) => {
    if (isNullish(value)) return null;
    if (typeof value === 'string') return Buffer.byteLength(value);
    if (value instanceof Binary) return value.position;
    throw new CommandError(
      51276,
      `$binarySize requires a string or BinData argument, found: ${typeName(value)}`,
    );
  }),
  $bsonSize: ofArguments(1, ([value]) => {
    if (isNullish(value)) return null;
    if (!isDoc(value))
      throw new CommandError(31393, `$bsonSize requires a document input, found: ${typeName(value)}`);
    return calculateObjectSize(value, { ignoreUndefined: true });
  }),
};
