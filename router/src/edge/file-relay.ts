import {
  Agent as HttpAgent,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  request as httpRequest,
  type ServerResponse,
} from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import {
  assertedPage,
  assertionHeader,
  type AssertionSigner,
  type Caller,
} from '@medigraph/platform/identity';
import { type Authenticator } from '../authentication.js';
import { MethodNotAllowedError, SubgraphError, UnauthenticatedError } from '../errors.js';

/** @see FileRelay */
export interface FileRelayOptions {
  readonly authenticator: Authenticator;
  /** Name of the subgraph that keeps them. */
  readonly subgraph: string;
  /** Beginnings of the paths that are its own. */
  readonly paths: readonly string[];
  /** Where its graph answers. */
  readonly url: string;
  /** Nothing sent or received for so long, in milliseconds, ends a transfer. */
  readonly stallMs: number;
  /** Signs to the subgraph who asks for what; without it, it goes by the forwarded token alone. */
  readonly assertions?: AssertionSigner;
}

/** Where files are read, where they are sent, and where records are imported. */
export const filePaths = ['/files/', '/uploads/', '/imports/'] as const;
/** Where packages of DApps are sent and read. */
export const packagePaths = ['/packages/'] as const;

const uploadsPath = '/uploads/';

/** What is spoken at uploads, as a client may ask before it sends (tus 1.0, `OPTIONS`). */
const spokenAtUploads = {
  'tus-resumable': '1.0.0',
  'tus-version': '1.0.0',
  'tus-extension': 'termination',
} as const;

const methods = ['GET', 'HEAD', 'PATCH', 'POST', 'PUT', 'DELETE'];

const overrideHeader = 'x-http-method-override';

/** Headers of a connection and not of what goes over it (RFC 9110, 7.6.1). */
const ofTheConnection: ReadonlySet<string> = new Set([
  'connection',
  'host',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

const endingHere: ReadonlySet<string> = new Set([...ofTheConnection, overrideHeader]);

/**
 * Passes files through, to the subgraph that keeps them and back, for callers with a good token. Neither side is read faster
 * than the other takes it, so that a transfer costs the router a few buffers, however long it is.
 */
export class FileRelay {
  readonly #options: FileRelayOptions;
  readonly #agent: HttpAgent;
  readonly #send: typeof httpRequest;

  constructor(options: FileRelayOptions) {
    this.#options = options;
    const secure = options.url.startsWith('https:');
    this.#agent = secure ? new HttpsAgent() : new HttpAgent();
    this.#send = secure ? httpsRequest : httpRequest;
  }

  /** Whether a path is one of its subgraph's. */
  carries(path: string): boolean {
    return this.#options.paths.some((prefix) => path.startsWith(prefix));
  }

  dispose(): void {
    this.#agent.destroy();
  }

  /** Adds to the answer to `OPTIONS` what is spoken there. */
  announce(response: ServerResponse, { pathname }: URL): void {
    if (!pathname.startsWith(uploadsPath)) return;
    for (const [name, value] of Object.entries(spokenAtUploads)) response.setHeader(name, value);
  }

  /** @throws `RouterError` as long as nothing has been answered; later failures end the connection. */
  async serve(
    request: IncomingMessage,
    response: ServerResponse,
    url: URL,
    requestId: string,
  ): Promise<void> {
    const method = methodOf(request, url);
    if (!methods.includes(method))
      throw new MethodNotAllowedError(
        'Read files by GET, send them by PATCH, packages by PUT, import records by POST.',
        methods.join(', '),
      );
    const { caller } = await this.#options.authenticator.authenticate(request.headers.authorization);
    if (!caller) throw new UnauthenticatedError();
    const target = new URL(url.pathname + url.search, this.#options.url);
    await this.#exchange(request, response, method, target, {
      ...passedOn(request),
      ...this.#assertion(caller, assertedPage(method, target.pathname + target.search)),
      'x-request-id': requestId,
    });
  }

  #assertion(caller: Caller, body: string): Record<string, string> {
    const { assertions, subgraph } = this.#options;
    return assertions ? { [assertionHeader]: assertions.sign(caller, { subgraph, body }) } : {};
  }

  #exchange(
    request: IncomingMessage,
    response: ServerResponse,
    method: string,
    target: URL,
    headers: OutgoingHttpHeaders,
  ): Promise<void> {
    const { subgraph, stallMs } = this.#options;
    return new Promise((resolve, reject) => {
      const forwarded = this.#send(target, {
        method,
        agent: this.#agent,
        timeout: stallMs,
        headers,
      });
      const fail = (cause?: unknown): void => {
        const message = `The subgraph "${subgraph}" is not available.`;
        reject(new SubgraphError('SUBGRAPH_UNAVAILABLE', message, subgraph, { cause }));
        forwarded.destroy();
      };
      forwarded.once('timeout', fail);
      // Also after an answer, which may come before all of a request has been sent.
      forwarded.on('error', fail);
      forwarded.once('response', (answer) => {
        resolve();
        if (!request.complete) response.setHeader('connection', 'close');
        for (const [name, value] of Object.entries(passedOn(answer))) response.setHeader(name, value);
        response.writeHead(answer.statusCode ?? 502);
        answer.pipe(response);
        // An answer that breaks off must not look as if it had ended.
        answer.once('error', () => response.destroy());
        answer.once('aborted', () => response.destroy());
      });
      response.once('close', () => {
        if (!response.writableFinished) forwarded.destroy();
        resolve();
      });
      request.once('aborted', () => forwarded.destroy());
      // What is too large by what it announces is refused before any of it is sent.
      if (announcesBody(request)) forwarded.flushHeaders();
      request.pipe(forwarded);
    });
  }
}

/** What is asked for, also through what lets no method pass but `GET` and `POST` (tus 1.0, `X-HTTP-Method-Override`). */
function methodOf({ method = 'GET', headers }: IncomingMessage, { pathname }: URL): string {
  const meant = headers[overrideHeader];
  return method === 'POST' && pathname.startsWith(uploadsPath) && typeof meant === 'string' ? meant : method;
}

const announcesBody = ({ headers }: IncomingMessage): boolean =>
  headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined;

function passedOn({ headers }: IncomingMessage): Record<string, string | string[]> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined || endingHere.has(name) ? [] : [[name, value]],
    ),
  );
}
