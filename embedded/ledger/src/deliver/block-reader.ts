import { type Channel } from '../channel.js';
import { type LedgerBlock } from '../store/block.js';

/** Reads a channel's blocks in order from `start`, then each as it is committed, until the signal aborts. */
export async function* blocksFrom(
  { store, feed }: Pick<Channel, 'store' | 'feed'>,
  start: number,
  signal: AbortSignal,
): AsyncGenerator<LedgerBlock, void> {
  for (let number = start; !signal.aborted; number += 1) {
    while (number >= store.height) {
      try {
        await feed.nextBlock(signal);
      } catch {
        return;
      }
    }
    // The ledger may close while somebody still reads.
    if (store.closed) return;
    yield feed.recent(number) ?? (await store.block(number));
  }
}
