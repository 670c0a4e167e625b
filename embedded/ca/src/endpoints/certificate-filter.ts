import { parseTime } from '../http/fields.js';
import { type Query } from '../http/query.js';
import { Refusal, refusalCode } from '../refusal.js';
import { type CertificateRecord, normalHex } from '../store/records.js';

/** Milliseconds of Go's units of time. */
const units: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};

/** Go's duration without its sign, such as `1h30m`; undefined if it is none. */
function parseDuration(text: string): number | undefined {
  if (!/^((\d+(\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h))+$/.test(text)) return undefined;
  let milliseconds = 0;
  for (const [, amount, unit = ''] of text.matchAll(/([\d.]+)([a-zµ]+)/g)) {
    milliseconds += Number(amount) * (units[unit] ?? 0);
  }
  return milliseconds;
}

function parseRelative(text: string): number {
  const lower = text.toLowerCase();
  if (lower.endsWith('y')) {
    throw new Error(`Invalid time format, year (y) is not supported, please check: ${lower}`);
  }
  const days = /^[+-](\d+)d$/.exec(lower);
  const span = days ? Number(days[1]) * 24 * 3_600_000 : parseDuration(lower.slice(1));
  if (span === undefined)
    throw new Error(`Failed to parse duration: time: invalid duration ${JSON.stringify(lower)}`);
  return Date.now() + (lower.startsWith('-') ? -span : span);
}

/** A day, a moment (RFC 3339), or so long before or after now (`-30d`, `+1h30m`), in milliseconds since 1970. */
function readTime(text: string): number | undefined {
  if (text === '') return undefined;
  if (/^[+-]/.test(text)) return parseRelative(text);
  const time = parseTime(text.includes('T') ? text : `${text}T00:00:00Z`);
  if (time === undefined)
    throw new Error(`Failed to parse time based on RFC3339: cannot parse ${JSON.stringify(text)}`);
  return time;
}

/** A span of time; unbounded where an end is absent. */
interface Span {
  readonly start: number | undefined;
  readonly end: number | undefined;
}

function readSpan(query: Query, what: string): Span {
  const at = (parameter: string, name: string) => {
    try {
      return readTime(query.string(parameter));
    } catch (error) {
      throw new Error(`Invalid '${name}' value: ${(error as Error).message}`, { cause: error });
    }
  };
  return { start: at(`${what}_start`, `${what}_begin`), end: at(`${what}_end`, `${what}_end`) };
}

const isBounded = ({ start, end }: Span) => start !== undefined || end !== undefined;
const contains = ({ start = -Infinity, end = Infinity }: Span, time: number) => time >= start && time <= end;

/** Which certificates are asked for. */
export interface CertificateFilter {
  /** Empty for everybody's. */
  readonly id: string;
  readonly accepts: (record: CertificateRecord) => boolean;
}

/** @throws {@link Refusal} 400. */
export function readFilter(query: Query): CertificateFilter {
  try {
    return filterOf(query);
  } catch (error) {
    throw new Refusal(400, refusalCode.gettingCertificate, `Invalid Request: ${(error as Error).message}`);
  }
}

function filterOf(query: Query): CertificateFilter {
  const revokedIn = readSpan(query, 'revoked');
  const expiresIn = readSpan(query, 'expired');
  const [id, serial, aki] = [
    query.string('id'),
    normalHex(query.string('serial')),
    normalHex(query.string('aki')),
  ];
  const notRevoked = query.boolean('notrevoked');
  const notExpired = query.boolean('notexpired');
  if (notExpired && isBounded(expiresIn)) {
    throw new Error("Can't specify expiration time filter and the 'notexpired' filter");
  }
  if (notRevoked && isBounded(revokedIn)) {
    throw new Error("Can't specify revocation time filter and the 'notrevoked' filter");
  }
  const expires = notExpired ? { start: Date.now(), end: undefined } : expiresIn;
  return {
    id,
    accepts: (record) =>
      (id === '' || record.id === id) &&
      (serial === '' || record.serial === serial) &&
      (aki === '' || record.aki === aki) &&
      contains(expires, record.expiry) &&
      !(notRevoked && record.revoked) &&
      (!isBounded(revokedIn) || (record.revoked !== undefined && contains(revokedIn, record.revoked.at))),
  };
}
