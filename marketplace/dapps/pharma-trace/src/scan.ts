/** What a scanner reads of a pack: the code of a DataMatrix says more than its EPC. */
import { DAppError } from '@medigraph/dapp';
import { type Elements, type Epc, epcOf, linkElements, readEpc } from './gs1.js';

/** A scanned pack or unit, with what is printed on it beside its name. */
export interface Scan {
  readonly epc: Epc;
  /** Number of the batch: AI 10. */
  readonly lot?: string;
  /** Until when it may be used: AI 17. */
  readonly expires?: string;
}

/** Separates elements of no fixed length: FNC1 as scanners write it. */
const separator = '\u001d';

/**
 * Lengths of values whose application identifier has a fixed length, by the first two digits of it; with the length of the identifier.
 * {@link https://ref.gs1.org/standards/genspecs/ | GS1 General Specifications}, 7.8.
 */
const fixed = new Map<string, readonly [identifier: number, value: number]>([
  ['00', [2, 18]],
  ['01', [2, 14]],
  ['02', [2, 14]],
  ['03', [2, 14]],
  ['04', [2, 16]],
  ['20', [2, 2]],
  ['41', [3, 13]],
]);
for (const ai of ['11', '12', '13', '14', '15', '16', '17', '18', '19']) fixed.set(ai, [2, 6]);
for (const ai of ['31', '32', '33', '34', '35', '36']) fixed.set(ai, [4, 6]);
/** Of no fixed length, and of two digits; all others have three or four, and say nothing of a pack that is asked for here. */
const short: ReadonlySet<string> = new Set(['10', '21', '22']);

/**
 * Reads what was scanned: an EPC, or an element string as it comes from the scanner or as it is printed, in brackets.
 * @throws {@link DAppError} `EPC_INVALID`
 */
export function readScan(text: string): Scan {
  const elements = linkElements(text) ?? bracketed(text) ?? scanned(text);
  if (!elements) return { epc: readEpc(text) };
  const epc = epcOf(elements);
  if (!epc)
    throw new DAppError(
      'EPC_INVALID',
      'the code names no pack: it needs a GTIN (01) and a serial number (21)',
    );
  const [lot, date] = [elements.get('10'), elements.get('17')];
  const expires = date === undefined ? undefined : dayOf(date);
  return { epc, ...(lot !== undefined && { lot }), ...(expires !== undefined && { expires }) };
}

const withoutSeparator = (text: string): string =>
  text.startsWith(separator) ? text.slice(separator.length) : text;

/** As people read it: `(01)09506000134352(21)S1`. */
function bracketed(text: string): Elements | undefined {
  if (!/^\(0[01]\)/.test(text)) return undefined;
  return new Map(
    [...text.matchAll(/\((\d{2,4})\)(.*?)(?=\(\d{2,4}\)|$)/g)].map(([, ai = '', value = '']) => [ai, value]),
  );
}

/** As scanners write it, after the identifier of the symbology, if they write one. */
function scanned(text: string): Elements | undefined {
  let rest = withoutSeparator(text.replace(/^\][A-Za-z]\d/, ''));
  if (!/^0[01]\d/.test(rest)) return undefined;
  const elements = new Map<string, string>();
  while (rest !== '') {
    const start = rest.slice(0, 2);
    const [identifier, length] = fixed.get(start) ?? [short.has(start) ? 2 : 4, undefined];
    const end = length === undefined ? rest.indexOf(separator) : identifier + length;
    const stop = end < 0 ? rest.length : end;
    elements.set(rest.slice(0, identifier), rest.slice(identifier, stop));
    rest = withoutSeparator(rest.slice(stop));
  }
  return elements;
}

/** YYMMDD of this century; day 00 is the last of the month. Undefined if it is no date. */
function dayOf(text: string): string | undefined {
  const [, year = '', month = '', day = ''] = /^(\d{2})(\d{2})(\d{2})$/.exec(text) ?? [];
  if (year === '') return undefined;
  const last = new Date(Date.UTC(2000 + Number(year), Number(month), 0));
  const date = day === '00' ? last : new Date(Date.UTC(2000 + Number(year), Number(month) - 1, Number(day)));
  const written = Number.isNaN(date.getTime()) ? '' : date.toISOString().slice(0, 'YYYY-MM-DD'.length);
  return written.startsWith(`20${year}-${month}`) ? written : undefined;
}
