import { type IncomingMessage, type ServerResponse } from 'node:http';
import { operateScope } from '@medigraph/schema';
import { type Authenticator } from '../authentication.js';
import { MethodNotAllowedError, NotFoundError, OperatorOnlyError, UnauthenticatedError } from '../errors.js';
import { type GraphControl } from '../graph/graph-control.js';
import { sendJson } from './operator-pages.js';
import { readBody } from './request-parameters.js';

/** A supergraph is text that people review; anything longer is none. */
const mostBytes = 32 * 1024 * 1024;

/**
 * The supergraph as operators have it in hand: `GET` says what serves, `PUT` with an SDL serves another, `POST …/rollback` goes back
 * to the one before. For tokens with the scope {@link operateScope} alone.
 */
export class OperatorGraph {
  readonly #graph: Pick<GraphControl, 'change' | 'rollback' | 'state'>;
  readonly #authenticator: Authenticator;

  constructor({ graph, authenticator }: Readonly<{ graph: GraphControl; authenticator: Authenticator }>) {
    this.#graph = graph;
    this.#authenticator = authenticator;
  }

  /** @param path below the operators' part. @throws `RouterError` */
  async serve(path: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (path !== '' && path !== '/rollback') throw new NotFoundError();
    const { caller } = await this.#authenticator.authenticate(request.headers.authorization);
    if (!caller) throw new UnauthenticatedError();
    if (!caller.scopes.has(operateScope)) throw new OperatorOnlyError();
    sendJson(response, 200, await this.#answer(path, request));
  }

  async #answer(path: string, request: IncomingMessage): Promise<object> {
    const { method } = request;
    if (path === '/rollback') {
      if (method === 'POST') return this.#graph.rollback();
      throw new MethodNotAllowedError('Roll back by POST.', 'POST');
    }
    if (method === 'GET') return this.#graph.state;
    if (method === 'PUT') return this.#graph.change(await readBody(request, mostBytes));
    throw new MethodNotAllowedError('See the supergraph by GET, change it by PUT.', 'GET, PUT');
  }
}
