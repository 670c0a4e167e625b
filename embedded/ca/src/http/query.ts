import { Refusal, refusalCode } from '../refusal.js';

const truths = new Set(['1', 't', 'true']);
const untruths = new Set(['0', 'f', 'false']);

/** Go's reading of a boolean; undefined if it is none. */
export function parseBoolean(text: string): boolean | undefined {
  // Go knows true, True and TRUE, and no other mixture.
  const known = [text.toLowerCase(), text.toUpperCase()].includes(text) || /^(True|False)$/.test(text);
  if (!known) return undefined;
  const lower = text.toLowerCase();
  if (truths.has(lower)) return true;
  return untruths.has(lower) ? false : undefined;
}

/** How Go words it that a text is no boolean. */
export const notBoolean = (text: string): string =>
  `strconv.ParseBool: parsing ${JSON.stringify(text)}: invalid syntax`;

/** What stands behind the question mark of a request. */
export class Query {
  readonly #parameters: URLSearchParams;

  constructor(parameters: URLSearchParams) {
    this.#parameters = parameters;
  }

  /** Empty if absent. */
  string(name: string): string {
    return this.#parameters.get(name) ?? '';
  }

  /** @throws {@link Refusal} 400. */
  boolean(name: string): boolean {
    const text = this.string(name).toLowerCase();
    if (text === '') return false;
    const value = parseBoolean(text);
    if (value !== undefined) return value;
    throw new Refusal(
      400,
      refusalCode.removeAffiliation,
      `Failed to correctly parse value of '${name}' query parameter: ${notBoolean(text)}`,
    );
  }
}
