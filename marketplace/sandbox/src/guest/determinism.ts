import { type Refusals } from './refusals.js';

/** The globals of one realm. */
export type Realm = Record<string, unknown>;

const clock =
  'peers must all come to one result, and each has a clock of its own: use ctx.now, or ctx.stub.getDateTimestamp()';
const chance =
  'peers must all come to one result: derive what must be unpredictable from arguments, or names from ctx.stub.getTxID()';

/**
 * Makes a realm refuse what answers differently on each peer: the clock, chance, the garbage collector. A date that is
 * told which moment it is stays usable.
 */
export function guardDeterminism(realm: Realm, refuse: Refusals['refuse']): void {
  const RealDate = realm['Date'] as DateConstructor;
  const GuardedDate = new Proxy(RealDate, {
    construct(target, args, newTarget: NewableFunction) {
      if (args.length === 0) refuse('NONDETERMINISTIC', `new Date() is the clock of one peer: ${clock}`);
      return Reflect.construct(target, args, newTarget) as object;
    },
    apply: () => refuse('NONDETERMINISTIC', `Date() is the clock of one peer: ${clock}`),
  });
  define(RealDate, 'now', () => refuse('NONDETERMINISTIC', `Date.now() is the clock of one peer: ${clock}`));
  define(RealDate.prototype, 'constructor', GuardedDate);
  define(realm, 'Date', GuardedDate);
  define(realm['Math'] as object, 'random', () =>
    refuse('NONDETERMINISTIC', `Math.random() differs from peer to peer: ${chance}`),
  );
  guardDateFormat((realm['Intl'] as typeof Intl).DateTimeFormat.prototype, refuse);
  for (const name of ['WeakRef', 'FinalizationRegistry', 'SharedArrayBuffer', 'Atomics', 'WebAssembly'])
    Reflect.deleteProperty(realm, name);
}

/** Formats of dates speak of the present if they are told no moment. */
function guardDateFormat(prototype: Intl.DateTimeFormat, refuse: Refusals['refuse']): void {
  const now = (name: string) =>
    refuse('NONDETERMINISTIC', `Intl.DateTimeFormat.${name} without a date is the clock of one peer: ${clock}`);
  const parts = Reflect.get(prototype, 'formatToParts') as (date?: Date | number) => Intl.DateTimeFormatPart[];
  define(prototype, 'formatToParts', function (this: Intl.DateTimeFormat, date?: Date | number) {
    return date === undefined ? now('formatToParts()') : parts.call(this, date);
  });
  const format = Object.getOwnPropertyDescriptor(prototype, 'format')?.get;
  Object.defineProperty(prototype, 'format', {
    configurable: true,
    get(this: Intl.DateTimeFormat) {
      const bound = format?.call(this) as (date?: Date | number) => string;
      return (date?: Date | number) => (date === undefined ? now('format()') : bound(date));
    },
  });
}

function define(target: object, name: string, value: unknown): void {
  Object.defineProperty(target, name, { value, writable: true, configurable: true, enumerable: false });
}
