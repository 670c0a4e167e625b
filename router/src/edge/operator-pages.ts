import { type IncomingMessage, type ServerResponse } from 'node:http';
import { type EngineSlot } from '../engine/engine-slot.js';
import { MethodNotAllowedError } from '../errors.js';
import { type OperationService } from '../operations/operation-service.js';
import { type RouterMetrics } from '../telemetry/router-metrics.js';

/** For how long an answer of the subgraphs stands, so that probes of the router do not become a load on them. */
const readinessHoldsMs = 1_000;
const probeTimeoutMs = 2_000;

/** @see OperatorPages */
export interface OperatorPagesOptions {
  readonly engine: EngineSlot;
  readonly operations: OperationService;
  readonly metrics: RouterMetrics;
  /** Public keys of the token issuer, where the router is to publish them. */
  readonly jwks?: () => Promise<object>;
  /** Public keys that the router's assertions are verified with, where it makes any. */
  readonly routerJwks?: object;
}

/**
 * What the router says of itself to those who run it: `/health` (the process lives), `/ready` (it takes operations, and every
 * subgraph answers), `/metrics`, the token issuer's keys, and its own (`/.well-known/router-jwks.json`).
 */
export class OperatorPages {
  readonly #options: OperatorPagesOptions;
  #unreachable: { at: number; names: Promise<readonly string[]> } | undefined;

  constructor(options: OperatorPagesOptions) {
    this.#options = options;
  }

  /** Answers, if the path is one of these. @throws {@link MethodNotAllowedError} */
  async serve(path: string, { method }: IncomingMessage, response: ServerResponse): Promise<boolean> {
    const page = this.#pageAt(path);
    if (!page) return false;
    if (method !== 'GET' && method !== 'HEAD')
      throw new MethodNotAllowedError('Only GET is answered here.', 'GET');
    await page(response);
    return true;
  }

  #pageAt(path: string): ((response: ServerResponse) => Promise<void> | void) | undefined {
    const { jwks, routerJwks, metrics } = this.#options;
    switch (path) {
      case '/health':
        return (response) => {
          sendJson(response, 200, { status: 'ok' });
        };
      case '/ready':
        return (response) => this.#ready(response);
      case '/metrics':
        return async (response) => {
          response.setHeader('content-type', metrics.registry.contentType);
          response.end(await metrics.registry.metrics());
        };
      case '/.well-known/jwks.json':
        return (
          jwks &&
          (async (response) => {
            sendJson(response, 200, await jwks());
          })
        );
      case '/.well-known/router-jwks.json':
        return (
          routerJwks &&
          ((response) => {
            sendJson(response, 200, routerJwks);
          })
        );
      default:
        return undefined;
    }
  }

  async #ready(response: ServerResponse): Promise<void> {
    if (this.#options.operations.draining) {
      sendJson(response, 503, { status: 'draining' });
      return;
    }
    const now = Date.now();
    if (!this.#unreachable || now - this.#unreachable.at > readinessHoldsMs) {
      this.#unreachable = { at: now, names: this.#options.engine.client.unreachable(probeTimeoutMs) };
    }
    const unreachable = await this.#unreachable.names;
    if (unreachable.length === 0) sendJson(response, 200, { status: 'ready' });
    else sendJson(response, 503, { status: 'not ready', unreachable });
  }
}

/** Answers with JSON that nobody keeps. */
export function sendJson(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'cache-control': 'no-store',
  });
  response.end(JSON.stringify(body));
}
