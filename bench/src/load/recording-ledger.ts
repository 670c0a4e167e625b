import {
  type Committed,
  type LedgerBlock,
  type LedgerClient,
  type SubmitRequest,
  type TransactionRequest,
} from '@medigraph/platform/ledger';

/** A submit that began, or that was committed; in the order in which things happened. */
export type RecordedStep =
  { readonly begins: number; readonly request: SubmitRequest } | { readonly committed: number };

/** A ledger that notes what is submitted through it, so that the same can be submitted by another client. */
export class RecordingLedger implements LedgerClient {
  readonly steps: RecordedStep[] = [];
  readonly #ledger: LedgerClient;
  #count = 0;

  constructor(ledger: LedgerClient) {
    this.#ledger = ledger;
  }

  async submit<T>(request: SubmitRequest): Promise<Committed<T>> {
    const number = this.#count++;
    this.steps.push({ begins: number, request });
    const committed = await this.#ledger.submit<T>(request);
    this.steps.push({ committed: number });
    return committed;
  }

  get offline(): LedgerClient['offline'] {
    return this.#ledger.offline;
  }

  evaluate<T>(request: TransactionRequest): Promise<T> {
    return this.#ledger.evaluate<T>(request);
  }

  blocks(channel: string, start: number, signal: AbortSignal): AsyncIterable<LedgerBlock> {
    return this.#ledger.blocks(channel, start, signal);
  }

  healthy(): Promise<boolean> {
    return this.#ledger.healthy();
  }

  close(): Promise<void> {
    return this.#ledger.close();
  }
}
