import { type EventPosition } from './projection.js';

/** Larger than any transaction or item number. */
const beyondAll = 0xffff_ffff;

/** Before the first event of a channel. */
export const startOf = (channel: string): EventPosition => ({ channel, block: 0, transaction: 0, index: -1 });

/** After the last event of a block. */
export const endOfBlock = (channel: string, block: number): EventPosition =>
  block < 0 ? startOf(channel) : { channel, block, transaction: beyondAll, index: beyondAll };

/** Orders positions of one channel: negative if `a` comes before `b`. */
export function comparePositions(a: EventPosition, b: EventPosition): number {
  return a.block - b.block || a.transaction - b.transaction || a.index - b.index;
}
