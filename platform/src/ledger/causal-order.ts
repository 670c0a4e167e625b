import { type Client } from '@grpc/grpc-js';
import { commitStatusOf } from './commit-status.js';
import { type Session } from './gateways.js';
import { type LedgerIdentity } from './ledger-client.js';

/** The newest commit that this process knows of on a channel. */
interface Mark {
  readonly block: number;
  readonly transactionId: string;
}

/** How far one peer is known to be on one channel. */
interface Progress {
  block: number;
  waiting: Promise<boolean> | undefined;
}

/** Milliseconds for a peer to catch up; then the call goes ahead and the peer answers from what it has. */
const patienceMs = 5_000;

/**
 * Peers commit a block each in its own time, so one that is asked right after another may not know yet what was written
 * through it. Here a call waits until its peer has every commit that this process has seen, through whichever peer.
 * Calls that stay with one peer wait for nothing; calls at the same time share one question to the peer.
 */
export class CausalOrder {
  readonly #newest = new Map<string, Mark>();
  // As many entries as there are peers, each with as many as there are channels.
  readonly #progress = new WeakMap<Client, Map<string, Progress>>();

  /** Notes that a peer has committed this transaction. */
  committed(client: Client, channel: string, mark: Mark): void {
    const progress = this.#of(client, channel);
    progress.block = Math.max(progress.block, mark.block);
    if (mark.block > (this.#newest.get(channel)?.block ?? -1)) this.#newest.set(channel, mark);
  }

  /** Resolves once the session's peer has what is known to be committed, or does not get there in time. */
  async caughtUp(session: Session, channel: string, signer: LedgerIdentity): Promise<void> {
    const wanted = this.#newest.get(channel)?.block ?? -1;
    const progress = this.#of(session.client, channel);
    while (progress.block < wanted) {
      const others = progress.waiting;
      if (others) {
        await others;
        continue;
      }
      progress.waiting = this.#ask(session, channel, signer);
      const answered = await progress.waiting;
      progress.waiting = undefined;
      if (!answered) return;
    }
  }

  /** True if the peer has the newest commit; false if it cannot be asked, which the call itself will explain. */
  async #ask(session: Session, channel: string, signer: LedgerIdentity): Promise<boolean> {
    const newest = this.#newest.get(channel);
    if (!newest) return false;
    const { transactionId } = newest;
    try {
      const deadline = Date.now() + patienceMs;
      await commitStatusOf(session.gateway, { channel, transactionId, signer, deadline });
      this.committed(session.client, channel, newest);
      return true;
    } catch {
      return false;
    }
  }

  #of(client: Client, channel: string): Progress {
    let channels = this.#progress.get(client);
    if (!channels) this.#progress.set(client, (channels = new Map()));
    let progress = channels.get(channel);
    if (!progress) channels.set(channel, (progress = { block: -1, waiting: undefined }));
    return progress;
  }
}
