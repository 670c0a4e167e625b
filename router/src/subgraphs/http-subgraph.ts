import {
  Agent as HttpAgent,
  request as httpRequest,
  type AgentOptions,
  type ClientRequest,
  type IncomingMessage,
} from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { GraphQLError, type ExecutionResult } from 'graphql';
import { SubgraphError } from '../errors.js';
import { headersFrom, type SubgraphRequest } from './subgraph-client.js';

/** Bounds of the calls to a subgraph. */
export interface HttpSubgraphLimits {
  /** Without an answer for so long, the subgraph counts as failing. */
  readonly timeoutMs: number;
  /** Longer answers are refused. */
  readonly maxResponseBytes: number;
  /** Connections kept to one subgraph at most; more requests wait. */
  readonly maxConnections: number;
  /** Connections that nothing was sent on for so long are closed: sooner than a subgraph would close them. */
  readonly idleConnectionMs: number;
}

/**
 * One subgraph over HTTP, on connections kept alive. It uses `node:http` because the `fetch` of Node 20 costs several times
 * what the rest of a routed request does.
 */
export class HttpSubgraph {
  readonly #name: string;
  readonly #url: URL;
  readonly #limits: HttpSubgraphLimits;
  readonly #agent: HttpAgent;
  readonly #send: typeof httpRequest;

  constructor(name: string, url: string, limits: HttpSubgraphLimits) {
    this.#name = name;
    this.#url = new URL(url);
    this.#limits = limits;
    const secure = this.#url.protocol === 'https:';
    const options: AgentOptions = {
      keepAlive: true,
      maxSockets: limits.maxConnections,
      scheduling: 'lifo',
      // If the other side were the first to close one, a mutation that was sent on it just then would be lost.
      timeout: limits.idleConnectionMs,
    };
    this.#agent = secure ? new HttpsAgent({ ...options }) : new HttpAgent(options);
    this.#send = secure ? httpsRequest : httpRequest;
  }

  /** Sends a query or mutation; every failure is a result with a coded error. */
  async request(request: SubgraphRequest): Promise<ExecutionResult> {
    const { query, variables, operationName, signal } = request;
    const body = JSON.stringify({ query, variables, operationName });
    const once = (): Promise<string> => this.#exchange(body, request, signal, this.#limits.timeoutMs);
    try {
      const text = await once().catch((error: unknown) => {
        // A kept connection may close just as it is used again. Only queries can be sent twice.
        if (error instanceof StaleConnection && request.operation === 'query') return once();
        throw error;
      });
      return this.#resultOf(text);
    } catch (error) {
      const failure =
        error instanceof SubgraphError
          ? error
          : new SubgraphError(
              'SUBGRAPH_UNAVAILABLE',
              `The subgraph "${this.#name}" is not available.`,
              this.#name,
              {
                cause: error,
              },
            );
      return { errors: failure.toGraphQLErrors() };
    }
  }

  /** Whether anything at all answers there. */
  async answers(timeoutMs: number): Promise<boolean> {
    const signal = AbortSignal.timeout(timeoutMs);
    try {
      await this.#exchange('{"query":"{__typename}"}', { requestId: 'readiness' }, signal, timeoutMs);
      return true;
    } catch {
      return false;
    }
  }

  dispose(): void {
    this.#agent.destroy();
  }

  #exchange(
    body: string,
    { requestId, authorization, headers }: Pick<SubgraphRequest, 'requestId' | 'authorization' | 'headers'>,
    signal: AbortSignal,
    timeoutMs: number,
  ): Promise<string> {
    return new Promise((resolve, reject) => {
      const request: ClientRequest = this.#send(this.#url, {
        method: 'POST',
        agent: this.#agent,
        signal,
        headers: {
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(body),
          accept: 'application/graphql-response+json, application/json',
          'x-request-id': requestId,
          ...(authorization !== undefined && { authorization }),
          ...headersFrom(headers, { subgraph: this.#name, url: this.#url, body }),
        },
      });
      const deadline = setTimeout(() => {
        const message = `The subgraph "${this.#name}" gave no answer within ${timeoutMs} ms.`;
        request.destroy(new SubgraphError('SUBGRAPH_TIMEOUT', message, this.#name));
      }, timeoutMs);
      request.once('close', () => {
        clearTimeout(deadline);
      });
      request.once('error', (error) => {
        reject(
          request.reusedSocket && isReset(error)
            ? new StaleConnection('The kept connection was closed.', { cause: error })
            : error,
        );
      });
      request.once('response', (response) => {
        this.#read(response).then(resolve, (error: unknown) => {
          request.destroy();
          reject(error instanceof Error ? error : new Error('The response broke off.', { cause: error }));
        });
      });
      request.end(body);
    });
  }

  async #read(response: IncomingMessage): Promise<string> {
    const chunks: Buffer[] = [];
    let length = 0;
    for await (const chunk of response as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length > this.#limits.maxResponseBytes) throw this.#badResponse('is too long');
      chunks.push(chunk);
    }
    return Buffer.concat(chunks, length).toString('utf8');
  }

  #resultOf(text: string): ExecutionResult {
    let parsed: unknown;
    try {
      parsed = JSON.parse(text);
    } catch (error) {
      throw this.#badResponse('is not JSON', { cause: error });
    }
    if (!isObject(parsed) || (!isObject(parsed.data) && !Array.isArray(parsed.errors))) {
      throw this.#badResponse('is not a GraphQL response');
    }
    return { data: isObject(parsed.data) ? parsed.data : null, errors: errorsOf(parsed.errors) };
  }

  #badResponse(how: string, options?: ErrorOptions): SubgraphError {
    const message = `The answer of the subgraph "${this.#name}" ${how}.`;
    return new SubgraphError('SUBGRAPH_BAD_RESPONSE', message, this.#name, options);
  }
}

/** A kept connection that was already closed on the other side when it was used. */
class StaleConnection extends Error {}

function isReset(error: NodeJS.ErrnoException): boolean {
  return error.code === 'ECONNRESET' || error.code === 'EPIPE';
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Errors as a subgraph reported them over any transport. Locations are left out: they point into a text that no client sent. */
export function errorsOf(reported: unknown): readonly GraphQLError[] | undefined {
  if (!Array.isArray(reported) || reported.length === 0) return undefined;
  return (reported as readonly unknown[]).map((error) => {
    const { message, path, extensions } = isObject(error) ? error : {};
    return new GraphQLError(typeof message === 'string' ? message : 'The subgraph reported an error.', {
      path: Array.isArray(path) ? (path as readonly (string | number)[]) : undefined,
      extensions: isObject(extensions) ? extensions : undefined,
    });
  });
}
