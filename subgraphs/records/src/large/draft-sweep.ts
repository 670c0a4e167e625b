import { setTimeout as pause } from 'node:timers/promises';
import { placeOf, type SubgraphServices } from '@medigraph/platform/graph';
import { type Draft, type DraftStore } from './draft-store.js';
import { discardDraft, type EntryCall } from './writing-in-parts.js';

export interface DraftSweepOptions {
  readonly drafts: DraftStore;
  readonly services: Pick<SubgraphServices, 'ledger' | 'custody' | 'network' | 'logger'>;
  /** Milliseconds from one pass to the next; a minute. */
  readonly everyMs?: number;
  /** Milliseconds without a sign of life after which a draft is given up; ten minutes. */
  readonly idleMs?: number;
}

const minuteMs = 60_000;

/** Discards the parts of entries whose writers died before they were complete. */
export class DraftSweep {
  readonly #options: DraftSweepOptions;
  readonly #abort = new AbortController();
  #running: Promise<void> = Promise.resolve();

  constructor(options: DraftSweepOptions) {
    this.#options = options;
  }

  start(): this {
    this.#running = this.#passes();
    return this;
  }

  async stop(): Promise<void> {
    this.#abort.abort();
    await this.#running;
  }

  /** One pass. @returns how many drafts are gone. */
  async pass(): Promise<number> {
    const { drafts, services, idleMs = 10 * minuteMs } = this.#options;
    const then = new Date(Date.now() - idleMs);
    let gone = 0;
    for (const draft of await drafts.idleSince(then)) {
      if (this.#abort.signal.aborted) break;
      // Its writer may have come back since, or another server be here first.
      const lease = await drafts.takeIdle(draft, then);
      if (!lease) continue;
      try {
        await this.#discard(draft);
        await lease.end();
        gone += 1;
      } catch (err) {
        services.logger.warn({ err }, 'an entry that was begun is not discarded yet');
      }
    }
    return gone;
  }

  async #passes(): Promise<void> {
    const { everyMs = minuteMs, services } = this.#options;
    const { signal } = this.#abort;
    const stopped = (): boolean => signal.aborted;
    while (!stopped()) {
      await pause(everyMs, undefined, { signal, ref: false }).catch(() => undefined);
      if (stopped()) return;
      await this.pass().catch((err: unknown) => {
        services.logger.warn({ err }, 'looking for entries that were begun broke off');
      });
    }
  }

  async #discard({ patient, entry, mspId, institution }: Draft): Promise<void> {
    const { ledger, custody, network } = this.#options.services;
    const signer =
      institution === undefined
        ? await custody.signerFor({
            subject: patient,
            role: 'patient',
            mspId,
            patient,
            scopes: new Set(),
            expiresAt: 0,
          })
        : await custody.organization(mspId);
    const { channel, chaincode } = placeOf(network, 'care');
    const writer = {
      submit: <T>(call: EntryCall) => ledger.submit<T>({ channel, chaincode, ...call, signer }),
    };
    await discardDraft(writer, { patient, entry });
  }
}
