import { WalletRequestError } from './errors.js';

/** The graph, as a wallet asks it: in the name of whoever's token the requests carry. */
export interface WalletGraph {
  /** The data of an operation. Throws if there are errors; their code is best a `code` of the error. */
  request<Data>(query: string, variables: Record<string, unknown>): Promise<Data>;
}

interface Answer {
  readonly data?: unknown;
  readonly errors?: readonly { readonly message: string; readonly extensions?: { readonly code?: string } }[];
}

/** A graph over HTTP. @param token - Access token, or how to get one that holds. */
export function httpGraph(url: string, token: string | (() => string | Promise<string>)): WalletGraph {
  return {
    async request<Data>(query: string, variables: Record<string, unknown>): Promise<Data> {
      const bearer = typeof token === 'string' ? token : await token();
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${bearer}` },
        body: JSON.stringify({ query, variables }),
      });
      const { data, errors: [error] = [] } = (await response.json()) as Answer;
      if (error) throw new WalletRequestError(error.extensions?.code ?? 'INTERNAL_ERROR', error.message);
      return data as Data;
    },
  };
}
