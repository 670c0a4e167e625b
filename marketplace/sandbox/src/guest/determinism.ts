/** The globals of one realm. */
export type Realm = Record<string, unknown>;

const clock =
  'peers must all come to one result, and each has a clock of its own: use ctx.now, or ctx.stub.getDateTimestamp()';
const chance =
  'peers must all come to one result: derive what must be unpredictable from arguments, or names from ctx.stub.getTxID()';

/** What stands for the present, or for chance: a refusal for contracts, always the same for the libraries below them. */
export type Undetermined = (code: 'NONDETERMINISTIC', sentence: string) => number;

/** The answer to libraries that note the time for nobody to read. */
export const always: Undetermined = () => 0;

/**
 * Makes a realm refuse what answers differently on each peer: the clock, chance, the garbage collector. A date that is
 * told which moment it is stays usable.
 */
export function guardDeterminism(realm: Realm, answer: Undetermined): void {
  const RealDate = realm['Date'] as DateConstructor;
  const GuardedDate = new Proxy(RealDate, {
    construct(target, args, newTarget: NewableFunction) {
      const moment = args.length > 0 ? args : [answer('NONDETERMINISTIC', `new Date() is the clock of one peer: ${clock}`)]; // prettier-ignore
      return Reflect.construct(target, moment, newTarget) as object;
    },
    apply: () => answer('NONDETERMINISTIC', `Date() is the clock of one peer: ${clock}`),
  });
  define(RealDate, 'now', () => answer('NONDETERMINISTIC', `Date.now() is the clock of one peer: ${clock}`));
  define(RealDate.prototype, 'constructor', GuardedDate);
  define(realm, 'Date', GuardedDate);
  define(realm['Math'] as object, 'random', () =>
    answer('NONDETERMINISTIC', `Math.random() differs from peer to peer: ${chance}`),
  );
  guardDateFormat((realm['Intl'] as typeof Intl).DateTimeFormat.prototype, answer);
  forgetMatches(realm['RegExp'] as object);
  for (const name of ['WeakRef', 'FinalizationRegistry', 'SharedArrayBuffer', 'Atomics', 'WebAssembly'])
    Reflect.deleteProperty(realm, name);
}

/** A regular expression leaves what it matched last with its class, for the next transaction to read. */
function forgetMatches(expressions: object): void {
  const numbered = Array.from({ length: 9 }, (_, index) => `$${index + 1}`);
  const others = [
    'input',
    '$_',
    'lastMatch',
    '$&',
    'lastParen',
    '$+',
    'leftContext',
    '$`',
    'rightContext',
    "$'",
  ];
  for (const name of [...numbered, ...others]) Reflect.deleteProperty(expressions, name);
}

/** Formats of dates speak of the present if they are told no moment. */
function guardDateFormat(prototype: Intl.DateTimeFormat, answer: Undetermined): void {
  const now = (name: string) =>
    answer(
      'NONDETERMINISTIC',
      `Intl.DateTimeFormat.${name} without a date is the clock of one peer: ${clock}`,
    );
  const parts = read(prototype, 'formatToParts') as (date?: Date | number) => Intl.DateTimeFormatPart[];
  define(prototype, 'formatToParts', function (this: Intl.DateTimeFormat, date?: Date | number) {
    return parts.call(this, date ?? now('formatToParts()'));
  });
  // A getter, which answers the function for one format.
  const getter = read(Object.getOwnPropertyDescriptor(prototype, 'format') ?? {}, 'get');
  const format = (on: Intl.DateTimeFormat) =>
    Reflect.apply(getter as () => (date?: Date | number) => string, on, []);
  Object.defineProperty(prototype, 'format', {
    configurable: true,
    get(this: Intl.DateTimeFormat) {
      const of = format(this);
      return (date?: Date | number) => of(date ?? now('format()'));
    },
  });
}

const read = (from: object, name: string): unknown => Reflect.get(from, name);

function define(target: object, name: string, value: unknown): void {
  Object.defineProperty(target, name, { value, writable: true, configurable: true, enumerable: false });
}
