/** One attempt to tell a back end of an event: it reaches no address that it may not, follows nothing, and ends in time. */
import { lookup as resolve } from 'node:dns';
import { type LookupFunction, isIP } from 'node:net';
import { type ClientRequest, type IncomingMessage } from 'node:http';
import https from 'node:https';
import { isPublicAddress } from './public-address.js';

/** @see WebhookPost */
export interface WebhookPostOptions {
  /** Whether addresses that are not on the public internet are allowed, too. */
  readonly privateAddresses?: boolean;
  /** Certificates that are trusted (PEM) in the place of the system's. */
  readonly ca?: string;
  /** Milliseconds for one attempt, from the look-up of the name to the end of the answer; 10,000. */
  readonly patienceMs?: number;
}

/** What became of an attempt. */
export type PostOutcome =
  | { readonly ok: true }
  | {
      readonly ok: false;
      /** One sentence for the author. */
      readonly reason: string;
      /** True if the back end wants no more of them (410). */
      readonly gone?: boolean;
      /** Milliseconds that it asks to be left alone. */
      readonly retryAfterMs?: number;
    };

/** Bytes of an answer that are read; it is of no interest. */
const mostAnswer = 64 * 1024;
const longestRetryAfterMs = 3_600_000;

class ForbiddenAddress extends Error {}

/** Sends requests to addresses that strangers named. */
export class WebhookPost {
  readonly #options: WebhookPostOptions;

  constructor(options: WebhookPostOptions = {}) {
    this.#options = options;
  }

  /** Never throws. */
  async send(
    url: string,
    headers: Readonly<Record<string, string>>,
    body: string,
    signal: AbortSignal,
  ): Promise<PostOutcome> {
    const { patienceMs = 10_000 } = this.#options;
    const timeout = AbortSignal.timeout(patienceMs);
    try {
      const answer = await this.#exchange(new URL(url), headers, body, AbortSignal.any([signal, timeout]));
      return outcomeOf(answer);
    } catch (error) {
      if (timeout.aborted) return { ok: false, reason: `it did not answer within ${patienceMs / 1000} s` };
      return { ok: false, reason: reasonOf(error) };
    }
  }

  #exchange(
    url: URL,
    headers: Readonly<Record<string, string>>,
    body: string,
    signal: AbortSignal,
  ): Promise<IncomingMessage> {
    const { ca } = this.#options;
    return new Promise((done, fail) => {
      // A host that is an address is not looked up.
      const host = url.hostname.replace(/^\[|\]$/g, '');
      if (url.protocol !== 'https:' || (isIP(host) !== 0 && !this.#allows(host))) {
        fail(new ForbiddenAddress());
        return;
      }
      const request: ClientRequest = https.request(
        url,
        {
          method: 'POST',
          headers: { ...headers, 'content-length': Buffer.byteLength(body) },
          lookup: this.#lookup,
          signal,
          // No connection is shared, so none leads where a name led before.
          agent: false,
          ...(ca !== undefined && { ca }),
        },
        (answer) => {
          let bytes = 0;
          answer.on('data', (chunk: Buffer) => {
            bytes += chunk.length;
            if (bytes > mostAnswer) {
              done(answer);
              request.destroy();
            }
          });
          answer.on('end', () => done(answer));
          answer.on('error', fail);
        },
      );
      request.on('error', fail);
      request.end(body);
    });
  }

  #allows(address: string): boolean {
    return this.#options.privateAddresses === true || isPublicAddress(address);
  }

  /** What is connected to is what was looked at: a name that is looked up twice may lead elsewhere. */
  readonly #lookup: LookupFunction = (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) callback(error, '');
      else if (addresses.length === 0 || !addresses.every(({ address }) => this.#allows(address)))
        callback(new ForbiddenAddress(), '');
      else if (options.all === true) callback(null, addresses);
      else callback(null, addresses[0]?.address ?? '', addresses[0]?.family);
    });
  };
}

function outcomeOf({ statusCode = 0, headers }: IncomingMessage): PostOutcome {
  if (statusCode >= 200 && statusCode < 300) return { ok: true };
  const reason =
    statusCode >= 300 && statusCode < 400
      ? `it answered ${statusCode}: redirections are not followed`
      : `it answered ${statusCode}`;
  const seconds = Number(headers['retry-after']);
  return {
    ok: false,
    reason,
    ...(statusCode === 410 && { gone: true }),
    ...(Number.isFinite(seconds) &&
      seconds > 0 && { retryAfterMs: Math.min(seconds * 1000, longestRetryAfterMs) }),
  };
}

function reasonOf(error: unknown): string {
  if (error instanceof ForbiddenAddress) return 'its address is not one of the public internet, or not https';
  const { code } = error as { readonly code?: unknown };
  return `it cannot be reached${typeof code === 'string' ? ` (${code})` : ''}`;
}
