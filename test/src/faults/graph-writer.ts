import { type Outcome } from './outcomes.js';

/** Milliseconds after which nobody waits for an answer. */
const patience = 8_000;

/** Codes that say that the transaction was not submitted, or that the contracts or the orderer refused it. */
const refusals = new Set([
  'LEDGER_UNAVAILABLE',
  'LEDGER_TIMEOUT',
  'LEDGER_FORBIDDEN',
  'EVALUATE_FAILED',
  'ENDORSEMENT_FAILED',
  'SUBMIT_FAILED',
  'COMMIT_FAILED',
  'UNAUTHENTICATED',
  'INSTITUTION_NOT_FOUND',
]);

/** A mutation that registers something. */
export interface GraphMutation {
  /** Channel that it writes to. */
  readonly channel: string;
  /** Takes `$input`, and answers `transaction { id }`. */
  readonly query: string;
  readonly field: string;
  readonly input: (id: string) => unknown;
}

interface Answer {
  readonly data?: Readonly<Record<string, { readonly transaction: { readonly id: string } } | null>> | null;
  readonly errors?: readonly { readonly message: string; readonly extensions?: { readonly code?: string } }[];
}

/** A caller of the graph. */
export class GraphWriter {
  readonly #url: string;
  readonly #token: string;
  readonly #mutation: GraphMutation;

  constructor(url: string, token: string, mutation: GraphMutation) {
    this.#url = url;
    this.#token = token;
    this.#mutation = mutation;
  }

  /** Registers something of this id, and tells what came of it. */
  async write(marker: string): Promise<Outcome> {
    const { channel, query, field, input } = this.#mutation;
    let answer: Answer;
    try {
      const response = await fetch(this.#url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${this.#token}` },
        body: JSON.stringify({ query, variables: { input: input(marker) } }),
        signal: AbortSignal.timeout(patience),
      });
      answer = (await response.json()) as Answer;
    } catch (error) {
      return { channel, marker, said: 'unknown', detail: String(error) };
    }
    const transaction = answer.data?.[field]?.transaction.id;
    if (transaction !== undefined) return { channel, marker, transaction, said: 'valid', detail: 'valid' };
    const [error] = answer.errors ?? [];
    const code = error?.extensions?.code ?? 'none';
    return { channel, marker, said: saidBy(code), detail: `${code}: ${error?.message ?? ''}` };
  }
}

function saidBy(code: string): Outcome['said'] {
  if (code === 'READ_MODEL_BEHIND') return 'valid';
  return refusals.has(code) ? 'refused' : 'unknown';
}
