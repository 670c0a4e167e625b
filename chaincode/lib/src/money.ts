import { type primitives } from '@medigraph/schema';

type Money = primitives.Money;

/** Amounts have two decimals; they are added as whole numbers of the hundredth part. */
const decimals = 2;

/** Exact minor units of an amount such as `129.16`. */
export function minorUnits(value: string): bigint {
  return BigInt(value.replace('.', ''));
}

/** The amount of so many minor units, which must not be negative. */
export function moneyOf(units: bigint, currency: string): Money {
  const digits = units.toString().padStart(decimals + 1, '0');
  return { value: `${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`, currency };
}

/** Sum in minor units of amounts that have one currency. */
export function sumOf(amounts: readonly Money[]): bigint {
  return amounts.reduce((sum, { value }) => sum + minorUnits(value), 0n);
}
