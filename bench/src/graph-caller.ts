import { Agent } from 'node:http';
import { poster } from './poster.js';

interface Answer<Data> {
  readonly data?: Data | null;
  readonly errors?: readonly { readonly message: string }[];
}

/** One caller of a graph, on kept connections. */
export class GraphCaller {
  readonly #url: string;
  readonly #authorization: string;
  readonly #agent = new Agent({ keepAlive: true });
  readonly #post = poster(this.#agent);

  constructor(url: string, token: string) {
    this.#url = url;
    this.#authorization = `Bearer ${token}`;
  }

  /** @throws Error with what the graph says is wrong. */
  async request<Data>(query: string, variables: object = {}): Promise<Data> {
    const text = await this.#post(this.#url, JSON.stringify({ query, variables }), this.#authorization);
    const { data, errors } = JSON.parse(text) as Answer<Data>;
    if (errors?.length) throw new Error(errors.map(({ message }) => message).join('; '));
    if (!data) throw new Error('The graph answered without data.');
    return data;
  }

  close(): void {
    this.#agent.destroy();
  }
}
