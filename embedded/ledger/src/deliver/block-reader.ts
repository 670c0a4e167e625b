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
    const block = feed.recent(number) ?? (await unlessAborted(() => store.block(number), signal));
    if (block === undefined) return;
    yield block;
  }
}

/** The ledger may close while somebody still reads: that ends the reading, and is no error of it. */
async function unlessAborted<T>(read: () => Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (signal.aborted) return undefined;
    throw error;
  }
}
