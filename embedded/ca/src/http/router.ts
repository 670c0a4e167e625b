import { type IncomingMessage, type ServerResponse } from 'node:http';
import { type Authority } from '../authority.js';
import { endpoints } from '../endpoints/index.js';
import { reasonOf } from '../errors.js';
import { type Log } from '../log.js';
import { Refusal, refusalCode } from '../refusal.js';
import { answer, answerHead, refuse } from './answer.js';
import { readBody } from './body.js';
import { CaRequest } from './ca-request.js';
import { type Endpoint } from './endpoint.js';
import { Query } from './query.js';

interface Target {
  readonly endpoint: Endpoint;
  readonly variable: string;
  readonly query: Query;
}

const plain = new Map(endpoints.filter(({ path }) => !path.endsWith('/')).map((each) => [each.path, each]));
const withVariable = new Map(
  endpoints.filter(({ path }) => path.endsWith('/')).map((each) => [each.path, each]),
);

/** Nothing is looked up on disk by a path: what is no name of an endpoint is nowhere. */
function targetOf(uri: string): Target | undefined {
  let url: URL;
  let path: string;
  try {
    // A path alone: whatever it says cannot become another host.
    url = new URL(`http://ca${uri.startsWith('/') ? '' : '/'}${uri}`);
    path = decodeURIComponent(uri.replace(/[?#].*$/s, ''));
  } catch {
    return undefined;
  }
  const match = /^\/(?:api\/v1\/)?(([a-z]+)(?:\/([^/]+))?)$/s.exec(path);
  if (match === null) return undefined;
  const [, whole = '', name = '', variable] = match;
  const endpoint = plain.get(whole) ?? withVariable.get(variable === undefined ? whole : `${name}/`);
  return endpoint && { endpoint, variable: variable ?? '', query: new Query(url.searchParams) };
}

/** Takes requests for the authorities of one listener. */
export class Router {
  readonly #authorities: ReadonlyMap<string, Authority>;
  readonly #log: Log;

  constructor(authorities: readonly Authority[], log: Log) {
    this.#authorities = new Map(authorities.map((each) => [each.name, each]));
    this.#log = log;
  }

  /** Answers one request; whatever happens, it is answered or its connection ends. */
  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const target = targetOf(request.url ?? '/');
    if (target === undefined) {
      response.writeHead(404, { 'Content-Type': 'text/plain; charset=utf-8' }).end('404 page not found\n');
      return;
    }
    try {
      await this.#run(target, request, response);
    } catch (error) {
      this.#fail(error, request, response);
    }
  }

  async #run({ endpoint, variable, query }: Target, message: IncomingMessage, response: ServerResponse) {
    const { method = 'GET', url: uri = '/' } = message;
    const operation = Object.hasOwn(endpoint.methods, method) ? endpoint.methods[method] : undefined;
    if (operation === undefined) {
      throw new Refusal(405, refusalCode.methodNotAllowed, `Method ${method} is not allowed`);
    }
    const request = new CaRequest({
      method,
      uri,
      query,
      variable,
      authorization: message.headers.authorization,
      body: await readBody(message),
      authorities: this.#authorities,
    });
    const result = await operation.run(request);
    if (method === 'HEAD') {
      answerHead(response, operation.status);
      return;
    }
    if (request.location !== undefined) response.setHeader('Location', request.location);
    await answer(response, operation.status, result);
    this.#log.info('answered', { method, path: endpoint.path, status: operation.status });
  }

  #fail(error: unknown, { method, url }: IncomingMessage, response: ServerResponse): void {
    const refusal = error instanceof Refusal ? error : undefined;
    const details = { method, path: url?.replace(/\?.*$/s, '').slice(0, 256) };
    if (refusal) {
      this.#log.info('refused', { ...details, status: refusal.status, ...refusal.logged });
    } else {
      this.#log.warn('failed', { ...details, reason: reasonOf(error) });
    }
    if (response.headersSent) {
      // Half of an answer cannot be taken back; a cut connection says that it is none.
      response.destroy();
      return;
    }
    if (method === 'HEAD') {
      answerHead(response, refusal?.status ?? 500);
      return;
    }
    // What is left of the body is not read: the connection ends with the answer.
    if (refusal?.code === refusalCode.readingBody) response.setHeader('Connection', 'close');
    refuse(
      response,
      refusal ?? Refusal.unknown('The request could not be carried out; the log of the CA says why'),
    );
  }
}
