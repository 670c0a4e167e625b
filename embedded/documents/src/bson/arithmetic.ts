import { Decimal128, Double, Long } from 'bson';
import { addExact, toDecimalExact, toExact, toNumber, type Exact } from './exact.js';
import { double, whole, type Numeric } from './value.js';

/** BSON's number types from the narrowest to the widest: a result has the widest type of its operands. */
enum Width {
  Int,
  Long,
  Double,
  Decimal,
}

const LONG_MIN = -(1n << 63n);
const LONG_MAX = (1n << 63n) - 1n;
const DECIMAL_DIGITS = 34;

function widthOf(value: Numeric): Width {
  if (value instanceof Decimal128) return Width.Decimal;
  if (value instanceof Long) return Width.Long;
  if (value instanceof Double) return Width.Double;
  return (value | 0) === value && !Object.is(value, -0) ? Width.Int : Width.Double;
}

const wider = (a: Width, b: Width): Width => (a > b ? a : b);

function toBigInt(value: Numeric): bigint {
  return value instanceof Long ? value.toBigInt() : BigInt(toNumber(value));
}

/** A `long`, or the nearest `double` where 64 bits do not hold it. */
function longOrDouble(integer: bigint): Long | number | Double {
  return integer < LONG_MIN || integer > LONG_MAX ? double(Number(integer)) : Long.fromBigInt(integer);
}

function combine(
  a: Numeric,
  b: Numeric,
  integers: (a: bigint, b: bigint) => bigint,
  doubles: (a: number, b: number) => number,
  decimals: (a: Exact, b: Exact) => Exact,
): Numeric {
  const width = wider(widthOf(a), widthOf(b));
  if (width === Width.Int) return whole(integers(BigInt(toNumber(a)), BigInt(toNumber(b))));
  if (width === Width.Long) return longOrDouble(integers(toBigInt(a), toBigInt(b)));
  if (width === Width.Double) return double(doubles(toNumber(a), toNumber(b)));
  const exactA = toDecimalExact(a);
  const exactB = toDecimalExact(b);
  if (typeof exactA === 'string' || typeof exactB === 'string')
    return Decimal128.fromString(String(doubles(toNumber(a), toNumber(b))));
  return toDecimal(decimals(exactA, exactB));
}

/** The decimal nearest to an exact number, at 34 digits. */
export function toDecimal({ digits, exponent }: Exact): Decimal128 {
  return Decimal128.fromStringWithRounding(`${digits}E${exponent}`);
}

const multiplyExact = (a: Exact, b: Exact): Exact => ({
  digits: a.digits * b.digits,
  exponent: a.exponent + b.exponent,
});

export function add(a: Numeric, b: Numeric): Numeric {
  if (typeof a === 'number' && typeof b === 'number' && widthOf(a) === Width.Int && widthOf(b) === Width.Int)
    return whole(a + b);
  return combine(
    a,
    b,
    (x, y) => x + y,
    (x, y) => x + y,
    addExact,
  );
}

export function subtract(a: Numeric, b: Numeric): Numeric {
  return combine(
    a,
    b,
    (x, y) => x - y,
    (x, y) => x - y,
    (x, y) => addExact(x, { digits: -y.digits, exponent: y.exponent }),
  );
}

export function multiply(a: Numeric, b: Numeric): Numeric {
  return combine(
    a,
    b,
    (x, y) => x * y,
    (x, y) => x * y,
    multiplyExact,
  );
}

/** The quotient: a `double`, or a `decimal` where one of the two is. The divisor is not zero. */
export function divide(a: Numeric, b: Numeric): Numeric {
  if (widthOf(a) !== Width.Decimal && widthOf(b) !== Width.Decimal) return double(toNumber(a) / toNumber(b));
  const exactA = toExact(a);
  const exactB = toExact(b);
  if (typeof exactA === 'string' || typeof exactB === 'string')
    return Decimal128.fromString(String(toNumber(a) / toNumber(b)));
  return toDecimal(divideExact(exactA, exactB));
}

function divideExact(a: Exact, b: Exact): Exact {
  let shift = 0;
  while (shift < DECIMAL_DIGITS * 2 && (a.digits * 10n ** BigInt(shift)) % b.digits !== 0n) shift += 1;
  return { digits: (a.digits * 10n ** BigInt(shift)) / b.digits, exponent: a.exponent - b.exponent - shift };
}

/** The remainder, with the sign of the dividend. The divisor is not zero. */
export function remainder(a: Numeric, b: Numeric): Numeric {
  return combine(
    a,
    b,
    (x, y) => x % y,
    (x, y) => x % y,
    (x, y) => {
      const exponent = Math.min(x.exponent, y.exponent);
      const scale = (value: Exact): bigint => value.digits * 10n ** BigInt(value.exponent - exponent);
      return { digits: scale(x) % scale(y), exponent };
    },
  );
}

/** Whether adding or multiplying whole numbers left 64 bits: the result of two whole numbers is a `double`. */
export function overflowed(result: Numeric, ...operands: readonly Numeric[]): boolean {
  return widthOf(result) === Width.Double && operands.every((operand) => widthOf(operand) < Width.Double);
}

/** Applies a function of doubles to a number of any type; decimals stay decimals. */
export function mapNumber(value: Numeric, map: (number: number) => number): Numeric {
  const result = map(toNumber(value));
  if (!(value instanceof Decimal128)) return double(result);
  return Number.isFinite(result)
    ? Decimal128.fromStringWithRounding(String(result))
    : Decimal128.fromString(String(result));
}

/** A running sum: exact over whole numbers and decimals, compensated over doubles, of the widest type seen. */
export class Sum {
  #width: Width = Width.Int;
  #integers = 0n;
  #high = 0;
  #low = 0;
  #decimals: Exact = { digits: 0n, exponent: 0 };
  #special = 0;
  #count = 0;

  add(value: Numeric): void {
    const width = widthOf(value);
    this.#width = wider(this.#width, width);
    this.#count += 1;
    if (width <= Width.Long) this.#integers += toBigInt(value);
    else if (width === Width.Double) this.#addDouble(toNumber(value));
    else this.#addDecimal(value);
  }

  /** How many numbers were added. */
  get count(): number {
    return this.#count;
  }

  get total(): Numeric {
    switch (this.#width) {
      case Width.Int:
        return whole(this.#integers);
      case Width.Long:
        return longOrDouble(this.#integers);
      case Width.Double:
        return double(this.#doubleTotal());
      case Width.Decimal:
        return this.#decimalTotal();
    }
  }

  #addDouble(number: number): void {
    if (!Number.isFinite(number)) {
      this.#special += number;
      return;
    }
    const sum = this.#high + number;
    const larger = Math.abs(this.#high) >= Math.abs(number);
    this.#low += larger ? this.#high - sum + number : number - sum + this.#high;
    this.#high = sum;
  }

  #addDecimal(value: Numeric): void {
    const exact = toExact(value);
    if (typeof exact === 'string') this.#special += Number(exact);
    else this.#decimals = addExact(this.#decimals, exact);
  }

  #doubleTotal(): number {
    if (this.#special !== 0) return this.#special;
    return this.#integers === 0n ? this.#high + this.#low : this.#high + (this.#low + Number(this.#integers));
  }

  #decimalTotal(): Decimal128 {
    if (this.#special !== 0) return Decimal128.fromString(String(this.#special));
    const doubles = toExact(double(this.#high + this.#low));
    const rest = addExact(this.#decimals, { digits: this.#integers, exponent: 0 });
    return typeof doubles === 'string' ? Decimal128.fromString(doubles) : toDecimal(addExact(rest, doubles));
  }
}
