import { Refusal, refusalCode } from '../refusal.js';

/** Longest part of a body that is repeated to who sent it. */
const longestEcho = 512;

const kindOf = (value: unknown): string => {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  return typeof value === 'boolean' ? 'bool' : typeof value;
};

/**
 * The fields of a JSON object, as Go reads them: names match whatever their case, what is absent or null is empty, and a value of
 * another type is refused.
 */
export class Fields {
  readonly #values = new Map<string, unknown>();
  readonly #body: string;

  private constructor(value: object, body: string) {
    for (const [name, each] of Object.entries(value)) this.#values.set(name.toLowerCase(), each);
    this.#body = body;
  }

  /** @throws {@link Refusal} 400 if the text is no JSON object. */
  static parse(body: Buffer): Fields {
    const text = body.toString('utf8');
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch (error) {
      throw refused((error as Error).message, text);
    }
    return Fields.#of(value, 'request', text);
  }

  static #of(value: unknown, name: string, body: string): Fields {
    if (value === null) return new Fields({}, body);
    if (typeof value !== 'object' || Array.isArray(value)) throw mismatch(value, name, 'object', body);
    return new Fields(value, body);
  }

  #value(name: string): unknown {
    return this.#values.get(name.toLowerCase()) ?? undefined;
  }

  #typed<T extends 'string' | 'boolean'>(
    name: string,
    type: T,
  ): (T extends 'string' ? string : boolean) | undefined {
    const value = this.#value(name);
    if (value === undefined) return undefined;
    if (typeof value !== type) throw mismatch(value, name, type === 'boolean' ? 'bool' : type, this.#body);
    return value as T extends 'string' ? string : boolean;
  }

  /** Empty if absent. */
  string(name: string): string {
    return this.#typed(name, 'string') ?? '';
  }

  boolean(name: string): boolean {
    return this.#typed(name, 'boolean') ?? false;
  }

  /** Zero if absent. */
  integer(name: string): number {
    const value = this.#value(name);
    if (value === undefined) return 0;
    if (typeof value !== 'number' || !Number.isSafeInteger(value))
      throw mismatch(value, name, 'int', this.#body);
    return value;
  }

  /** RFC 3339, in milliseconds since 1970; undefined if absent or Go's zero time. */
  time(name: string): number | undefined {
    const text = this.#typed(name, 'string');
    if (text === undefined) return undefined;
    const time = parseTime(text);
    if (time === undefined) throw refused(`parsing time "${text}" as RFC 3339: cannot parse`, this.#body);
    return text.startsWith('0001-01-01T00:00:00') ? undefined : time;
  }

  /** Undefined if absent, which is not the same as no element. */
  strings(name: string): readonly string[] | undefined {
    return this.#list(name)?.map((value) => {
      if (value === null) return '';
      if (typeof value !== 'string') throw mismatch(value, name, 'string', this.#body);
      return value;
    });
  }

  objects(name: string): readonly Fields[] | undefined {
    return this.#list(name)?.map((value) => Fields.#of(value, name, this.#body));
  }

  object(name: string): Fields | undefined {
    const value = this.#value(name);
    return value === undefined ? undefined : Fields.#of(value, name, this.#body);
  }

  #list(name: string): readonly unknown[] | undefined {
    const value = this.#value(name);
    if (value === undefined) return undefined;
    if (!Array.isArray(value)) throw mismatch(value, name, 'array', this.#body);
    return value as readonly unknown[];
  }
}

/** RFC 3339 with hours and zone, in milliseconds since 1970. */
export function parseTime(text: string): number | undefined {
  if (!/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/.test(text)) return undefined;
  const time = Date.parse(text);
  return Number.isNaN(time) ? undefined : time;
}

const mismatch = (value: unknown, name: string, wanted: string, body: string) =>
  refused(`json: cannot unmarshal ${kindOf(value)} into field ${name} of type ${wanted}`, body);

const refused = (why: string, body: string) =>
  new Refusal(
    400,
    refusalCode.badBody,
    `Invalid request body: ${why}; body=${body.length > longestEcho ? `${body.slice(0, longestEcho)}…` : body}`,
  );
