import { Decimal128, Double, Long } from 'bson';
import type { Numeric } from './value.js';

/** A finite number without rounding: `digits × 10^exponent`. */
export interface Exact {
  readonly digits: bigint;
  readonly exponent: number;
}

/** Numbers that have no digits: they compare apart from finite ones. */
export type Special = 'NaN' | 'Infinity' | '-Infinity';

const decimalPattern = /^(-?)(\d+)(?:\.(\d+))?(?:E([+-]?\d+))?$/i;

/** The number as the nearest double. */
export function toNumber(value: Numeric): number {
  if (typeof value === 'number') return value;
  if (value instanceof Double) return value.value;
  if (value instanceof Long) return value.toNumber();
  return Number(value.toString());
}

/** The number's exact decimal value: doubles are dyadic fractions, so they have one. */
export function toExact(value: Numeric): Exact | Special {
  if (value instanceof Long) return { digits: value.toBigInt(), exponent: 0 };
  if (value instanceof Decimal128) return exactOfText(value.toString());
  return exactOfDouble(typeof value === 'number' ? value : value.value);
}

/** The value a number has beside decimals: of a double its first 15 digits, which is what it holds for certain. */
export function toDecimalExact(value: Numeric): Exact | Special {
  const isDouble = value instanceof Double || (typeof value === 'number' && !Number.isInteger(value));
  const number = isDouble ? toNumber(value) : NaN;
  return Number.isFinite(number) ? exactOfText(number.toPrecision(15)) : toExact(value);
}

function exactOfText(text: string): Exact | Special {
  const match = decimalPattern.exec(text);
  if (!match) return text === 'NaN' ? 'NaN' : text.startsWith('-') ? '-Infinity' : 'Infinity';
  const [, sign = '', units = '', fraction = '', power = '0'] = match;
  const digits = BigInt(units + fraction);
  return { digits: sign ? -digits : digits, exponent: Number(power) - fraction.length };
}

function exactOfDouble(number: number): Exact | Special {
  if (Number.isNaN(number)) return 'NaN';
  if (!Number.isFinite(number)) return number > 0 ? 'Infinity' : '-Infinity';
  if (Number.isInteger(number)) return { digits: BigInt(number), exponent: 0 };
  // number = mantissa / 2^scale = mantissa × 5^scale / 10^scale
  let scale = 0;
  let mantissa = number;
  while (!Number.isInteger(mantissa)) {
    mantissa *= 2;
    scale += 1;
  }
  return { digits: BigInt(mantissa) * 5n ** BigInt(scale), exponent: -scale };
}

export function compareExact(a: Exact, b: Exact): number {
  const signA = a.digits < 0n ? -1 : Number(a.digits > 0n);
  const signB = b.digits < 0n ? -1 : Number(b.digits > 0n);
  if (signA !== signB || signA === 0) return signA - signB;
  const byMagnitude = magnitude(a) - magnitude(b);
  if (byMagnitude !== 0) return Math.sign(byMagnitude) * signA;
  const difference = subtractExact(a, b).digits;
  return difference < 0n ? -1 : Number(difference > 0n);
}

/** The power of ten just above the number's absolute value. */
export function magnitude({ digits, exponent }: Exact): number {
  const text = (digits < 0n ? -digits : digits).toString();
  return text.length + exponent;
}

export function addExact(a: Exact, b: Exact): Exact {
  const exponent = Math.min(a.exponent, b.exponent);
  return { digits: scaled(a, exponent) + scaled(b, exponent), exponent };
}

export function subtractExact(a: Exact, b: Exact): Exact {
  return addExact(a, { digits: -b.digits, exponent: b.exponent });
}

function scaled({ digits, exponent }: Exact, to: number): bigint {
  return digits * 10n ** BigInt(exponent - to);
}
