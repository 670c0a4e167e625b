/**
 * Identifiers of GS1: how goods are named in EPCIS 2.0, as EPC URNs or as GS1 Digital Links.
 * {@link https://ref.gs1.org/standards/epcis/ | EPCIS 2.0}, {@link https://ref.gs1.org/standards/digital-link/ | GS1 Digital Link}.
 */
import { DAppError, demand } from '@medigraph/dapp';

/** One thing: a pack with a number of its own, or a logistic unit that holds others. */
export type Epc =
  | { readonly kind: 'sgtin'; readonly gtin: string; readonly serial: string; readonly uri: string }
  | { readonly kind: 'sscc'; readonly sscc: string; readonly uri: string };

const domain = 'https://id.gs1.org';
const serialPattern = /^[A-Za-z0-9!"%&'()*+,\-./:;<=>?_]{1,20}$/;

/** Check digit of GTIN and SSCC: weights of 3 and 1 from the right, to the next ten. */
export function checkDigit(digits: string): string {
  const sum = [...digits].reverse().reduce((total, digit, index) => {
    return total + Number(digit) * (index % 2 === 0 ? 3 : 1);
  }, 0);
  return String((10 - (sum % 10)) % 10);
}

/** Is the last digit right? */
export const isChecked = (digits: string): boolean => checkDigit(digits.slice(0, -1)) === digits.at(-1);

/** A GTIN with its 14 digits. @throws {@link DAppError} `GTIN_INVALID` */
export function gtin14(gtin: string): string {
  const padded = gtin.padStart(14, '0');
  demand(
    /^\d{8}$|^\d{12,14}$/.test(gtin) && isChecked(padded),
    'GTIN_INVALID',
    `${gtin} is no GTIN: it must have 8, 12, 13 or 14 digits, the last a check digit`,
  );
  return padded;
}

/** Digital Link of a pack. */
export const sgtinUri = (gtin: string, serial: string): string =>
  `${domain}/01/${gtin}/21/${encodeURIComponent(serial)}`;

/**
 * Reads an EPC in either form; `uri` is the Digital Link, so that both name one thing.
 * @throws {@link DAppError} `EPC_INVALID`
 */
export function readEpc(text: string): Epc {
  const found = fromLink(text) ?? fromUrn(text);
  if (!found)
    throw new DAppError(
      'EPC_INVALID',
      `${text} is no EPC: write it as ${domain}/01/GTIN/21/SERIAL or as a URN`,
    );
  return found;
}

function sgtin(gtin: string, serial: string): Epc | undefined {
  if (!isChecked(gtin) || !serialPattern.test(serial)) return undefined;
  return { kind: 'sgtin', gtin, serial, uri: sgtinUri(gtin, serial) };
}

function sscc(digits: string): Epc | undefined {
  return isChecked(digits) ? { kind: 'sscc', sscc: digits, uri: `${domain}/00/${digits}` } : undefined;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return '';
  }
}

/** Values by application identifier. */
export type Elements = ReadonlyMap<string, string>;

/** The application identifiers in a Digital Link, of whatever domain: what it names is the same on each. */
export function linkElements(text: string): Elements | undefined {
  const parts =
    /^https?:\/\/[^/?#\s]+((?:\/[^/?#\s]*)*?)\/(00|01)\/(\d+)((?:\/\d{2}\/[^/?#\s]+)*)\/?(?:\?([^#\s]*))?(?:#\S*)?$/.exec(
      text,
    );
  if (!parts) return undefined;
  const [, , key = '', value = '', qualifiers = '', query = ''] = parts;
  const elements = new Map([[key, value]]);
  for (const [, ai = '', found = ''] of qualifiers.matchAll(/\/(\d{2})\/([^/]+)/g))
    elements.set(ai, decoded(found));
  for (const [, ai = '', found = ''] of query.matchAll(/(?:^|[&;])(\d{2,4})=([^&;]*)/g))
    if (!elements.has(ai)) elements.set(ai, decoded(found));
  return elements;
}

/** What application identifiers name: a pack by GTIN and serial number, or a logistic unit. */
export function epcOf(elements: Elements): Epc | undefined {
  const [unit, gtin, serial] = ['00', '01', '21'].map((ai) => elements.get(ai));
  if (unit !== undefined) return /^\d{18}$/.test(unit) ? sscc(unit) : undefined;
  if (gtin === undefined || serial === undefined || !/^\d{8}$|^\d{12,14}$/.test(gtin)) return undefined;
  return sgtin(gtin.padStart(14, '0'), serial);
}

const fromLink = (text: string): Epc | undefined => {
  const elements = linkElements(text);
  return elements && epcOf(elements);
};

/** In a URN the indicator digit stands before the item and the check digit is left out. */
function fromUrn(text: string): Epc | undefined {
  const pack = /^urn:epc:id:sgtin:(\d{6,12})\.(\d{1,7})\.([^.]+)$/.exec(text);
  if (pack) {
    const [, company = '', item = '', serial = ''] = pack;
    const digits = `${item.slice(0, 1)}${company}${item.slice(1)}`;
    return digits.length === 13 ? sgtin(digits + checkDigit(digits), decoded(serial)) : undefined;
  }
  const unit = /^urn:epc:id:sscc:(\d{6,12})\.(\d{5,11})$/.exec(text);
  if (!unit) return undefined;
  const [, company = '', serial = ''] = unit;
  const digits = `${serial.slice(0, 1)}${company}${serial.slice(1)}`;
  return digits.length === 17 ? sscc(digits + checkDigit(digits)) : undefined;
}
