import { type BatchSettings } from '../config/orderer-settings.js';

/** A transaction waiting to be ordered. */
export interface Pending {
  readonly bytes: Buffer;
  /** Bytes that count for the size of a block: payload and signature. */
  readonly size: number;
  /** True if it must have a block of its own, as a configuration must. */
  readonly alone?: boolean;
}

/** Takes the next block's worth of transactions from the front of a queue, by the rules of Fabric's block cutter. */
export function cutBatch<P extends Pending>(queue: readonly P[], settings: BatchSettings): P[] {
  const batch: P[] = [];
  let size = 0;
  for (const pending of queue) {
    const isolated = pending.alone === true || pending.size > settings.preferredMaxBytes;
    const full = batch.length > 0 && (isolated || size + pending.size > settings.preferredMaxBytes);
    if (full) break;
    batch.push(pending);
    size += pending.size;
    if (isolated || batch.length >= settings.maxMessageCount) break;
  }
  return batch;
}

/** True if waiting longer would not make the next block any fuller. */
export function isFull(queue: readonly Pending[], settings: BatchSettings): boolean {
  if (queue.length >= settings.maxMessageCount) return true;
  let size = 0;
  for (const pending of queue) {
    if (pending.alone === true) return true;
    size += pending.size;
  }
  return size >= settings.preferredMaxBytes;
}
