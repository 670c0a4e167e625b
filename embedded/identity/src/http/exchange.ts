import { type IncomingMessage, type ServerResponse } from 'node:http';
import { type Html } from '../pages/html.js';
import { type Language, languageOf } from '../pages/texts/index.js';
import { BadRequest } from './bad-request.js';

const longestForm = 16_384;
const longestJson = 65_536;

/** Of every answer that a browser shows; nothing of it may come from elsewhere or be shown inside something else. */
const pageHeaders = {
  'content-type': 'text/html; charset=utf-8',
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  // Not `no-referrer`: with that, browsers keep from us which site a form is of.
  'referrer-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
} as const;

/**
 * What a page may load and where its forms may lead.
 * @param destinations - origins of applications to which an answer of a form leads on
 */
export function contentPolicy(destinations: readonly string[] = []): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "connect-src 'self'",
    ["form-action 'self'", ...destinations].join(' '),
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}

/** One request and its answer. */
export class Exchange {
  constructor(
    readonly request: IncomingMessage,
    readonly response: ServerResponse,
    /** Address of the provider, which forms must come from. */
    readonly issuer: string,
  ) {}

  /** What the browser prefers of the languages that there are. */
  get language(): Language {
    return languageOf(this.request.headers['accept-language']);
  }

  /**
   * The fields of a form that a page of ours sent.
   * @throws {@link BadRequest} for one of another origin, or that is too long.
   */
  async form(): Promise<URLSearchParams> {
    this.requireOwnOrigin();
    return new URLSearchParams((await this.#body(longestForm)).toString());
  }

  /** @throws {@link BadRequest} for what is no JSON or too long. */
  async json(): Promise<unknown> {
    const body = await this.#body(longestJson);
    try {
      return JSON.parse(body.toString());
    } catch {
      throw new BadRequest('the body is not JSON');
    }
  }

  /** Browsers say where a form comes from. @throws {@link BadRequest} if that is elsewhere. */
  requireOwnOrigin(): void {
    const { origin } = this.request.headers;
    if (origin !== new URL(this.issuer).origin) throw new BadRequest('the form is not of this site');
  }

  page(status: number, page: Html, destinations?: readonly string[]): void {
    this.response.writeHead(status, {
      ...pageHeaders,
      'content-security-policy': contentPolicy(destinations),
      'content-language': this.language === 'zh' ? 'zh-CN' : 'en',
      vary: 'accept-language',
    });
    this.response.end(page.toString());
  }

  answer(status: number, body: unknown): void {
    this.response.writeHead(status, {
      'content-type': 'application/json',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    });
    this.response.end(body === undefined ? undefined : JSON.stringify(body));
  }

  redirect(location: string): void {
    this.response.writeHead(303, { location, 'cache-control': 'no-store' });
    this.response.end();
  }

  async #body(most: number): Promise<Buffer> {
    const chunks: Buffer[] = [];
    let length = 0;
    for await (const chunk of this.request as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length > most) throw new BadRequest('the body is too long');
      chunks.push(chunk);
    }
    return Buffer.concat(chunks);
  }
}
