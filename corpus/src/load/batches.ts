/** What one transaction may carry. */
export interface BatchLimit {
  readonly items: number;
  /** Of {@link Sized.bytes}; a single larger item still makes a batch of its own. */
  readonly bytes: number;
}

export interface Sized {
  /** Plaintext, of which sealed bodies are a third larger. */
  readonly bytes: Uint8Array;
}

/** Cuts a list, in order, into batches within the limit. */
export function batchesOf<T extends Sized>(items: readonly T[], limit: BatchLimit): T[][] {
  const batches: T[][] = [];
  let batch: T[] = [];
  let size = 0;
  for (const item of items) {
    const { byteLength } = item.bytes;
    if (batch.length > 0 && (batch.length >= limit.items || size + byteLength > limit.bytes)) {
      batches.push(batch);
      batch = [];
      size = 0;
    }
    batch.push(item);
    size += byteLength;
  }
  if (batch.length > 0) batches.push(batch);
  return batches;
}

/** Cuts a list, in order, into lists of at most that many. */
export function chunksOf<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  );
}
