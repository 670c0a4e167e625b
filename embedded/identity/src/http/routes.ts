import { type Exchange } from './exchange.js';

type Handle = (exchange: Exchange, parameters: Readonly<Record<string, string>>) => Promise<void> | void;

/** A way in: `:name` in its path stands for one segment. */
export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly handle: Handle;
}

interface Compiled {
  readonly route: Route;
  readonly pattern: RegExp;
}

/** The ways in of the pages and of the administration; what none of them takes is the protocol's. */
export class Routes {
  readonly #compiled: readonly Compiled[];

  constructor(routes: readonly Route[]) {
    this.#compiled = routes.map((route) => ({
      route,
      pattern: new RegExp(`^${route.path.replaceAll(/:(\w+)/g, '(?<$1>[^/]+)')}$`),
    }));
  }

  /** What handles the request; undefined if no path fits. */
  find(method: string | undefined, pathname: string): ((exchange: Exchange) => Promise<void>) | undefined {
    for (const { route, pattern } of this.#compiled) {
      if (route.method !== method) continue;
      const match = pattern.exec(pathname);
      if (!match) continue;
      return async (exchange) => {
        const parameters = Object.entries(match.groups ?? {}).map(
          ([name, value]) => [name, decodeURIComponent(value)] as const,
        );
        await route.handle(exchange, Object.fromEntries(parameters));
      };
    }
    return undefined;
  }
}
