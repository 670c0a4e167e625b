/**
 * Exact money: an amount is a whole number of hundredths, and text has two decimals. FHIR's decimals arrive as numbers
 * of JSON; ECMAScript writes a number as the shortest decimal that reads back as it, which is what the document said.
 */
export type Cents = bigint;

const decimal = /^(\d+)(?:\.(\d{1,2}))?$/;

/** Hundredths of a JSON number; undefined if it is negative, not finite, or finer than a hundredth. */
export function centsOf(value: number): Cents | undefined {
  const [, whole, fraction = ''] = decimal.exec(String(value)) ?? [];
  return whole === undefined ? undefined : BigInt(whole) * 100n + BigInt(fraction.padEnd(2, '0'));
}

/** As the ledger writes it, such as `129.16`. */
export function decimalOf(cents: Cents): string {
  const digits = cents.toString().padStart(3, '0');
  return `${digits.slice(0, -2)}.${digits.slice(-2)}`;
}
