import type { StringOrder } from '../bson/compare.js';
import { isDoc, type Doc, type Value } from '../bson/value.js';
import { CommandError } from '../errors.js';

const SENSITIVITY = { 1: 'base', 2: 'accent', 3: 'variant' } as const;
const KNOWN = new Set([
  'locale',
  'strength',
  'caseLevel',
  'caseFirst',
  'numericOrdering',
  'alternate',
  'maxVariable',
  'normalization',
  'backwards',
  'version',
]);

/** A collation: how strings compare. Equal documents of options give equal `id`s. */
export interface Collation {
  readonly id: string;
  readonly order: StringOrder;
}

/**
 * Reads a collation document. `{locale: 'simple'}` is the binary order, for which undefined stands.
 *
 * @throws {@link CommandError} `BadValue` for a locale or option that the platform's collator does not offer.
 */
export function parseCollation(value: Value): Collation | undefined {
  if (value === undefined) return undefined;
  if (!isDoc(value))
    throw new CommandError(
      'TypeMismatch',
      "BSON field 'collation' is the wrong type, expected type 'object'",
    );
  const unknown = Object.keys(value).find((option) => !KNOWN.has(option));
  if (unknown !== undefined)
    throw new CommandError(40415, `BSON field 'collation.${unknown}' is an unknown field.`);
  const { locale } = value;
  if (typeof locale !== 'string')
    throw new CommandError(40414, "BSON field 'collation.locale' is missing but a required field");
  if (locale === 'simple') return undefined;
  return { id: JSON.stringify(value), order: collatorOf(locale, value) };
}

function collatorOf(locale: string, options: Doc): StringOrder {
  const strength = Number(options.strength ?? 3);
  if (!isStrength(strength) || options.alternate === 'shifted' || options.backwards === true)
    throw new CommandError(
      'BadValue',
      'Collation options strength above 3, alternate and backwards are not supported',
    );
  try {
    const collator = new Intl.Collator(locale.replaceAll('_', '-'), {
      sensitivity: options.caseLevel === true && strength === 1 ? 'case' : SENSITIVITY[strength],
      numeric: options.numericOrdering === true,
      caseFirst: options.caseFirst === 'upper' ? 'upper' : options.caseFirst === 'lower' ? 'lower' : 'false',
    });
    return (a, b) => collator.compare(a, b);
  } catch {
    throw new CommandError('BadValue', `Field 'locale' is invalid in: ${JSON.stringify(options)}`);
  }
}

const isStrength = (value: number): value is keyof typeof SENSITIVITY => value in SENSITIVITY;
