import { z } from 'zod';
import { NetworkMissing } from './errors.js';

/** Environment variable that says where the network of the tests is. */
export const networkVariable = 'MEDIGRAPH_DAPP_NETWORK';

const place = z.object({
  /** Of the graph. */
  graph: z.url(),
  /** Where tokens and people are given. */
  service: z.url(),
  secret: z.string().min(1),
  /** Cursor before the first event of any DApp. */
  begin: z.string().min(1),
});
const failure = z.object({ code: z.string(), message: z.string() });

/** What whoever started the network does for its tests: it signs tokens for anybody, and brings new people. */
export class NetworkService {
  readonly graph: string;
  readonly begin: string;
  readonly #service: string;
  readonly #secret: string;

  /** @param text - of {@link networkVariable}. @throws {@link NetworkMissing} */
  constructor(text: string | undefined) {
    try {
      const { graph, begin, service, secret } = place.parse(JSON.parse(text ?? ''));
      this.graph = graph;
      this.begin = begin;
      this.#service = service;
      this.#secret = secret;
    } catch (error) {
      throw new NetworkMissing({ cause: error });
    }
  }

  /** @throws Error with the `code` of what went wrong. */
  async ask<Answer>(what: string, given: object, answer: z.ZodType<Answer>): Promise<Answer> {
    const response = await fetch(new URL(what, this.#service), {
      method: 'POST',
      headers: { authorization: `Bearer ${this.#secret}`, 'content-type': 'application/json' },
      body: JSON.stringify(given),
    });
    const body: unknown = await response.json();
    if (response.ok) return answer.parse(body);
    const { code, message } = failure.parse(body);
    throw Object.assign(new Error(message), { code });
  }
}
