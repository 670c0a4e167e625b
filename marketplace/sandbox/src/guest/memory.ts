/**
 * Bytes that contracts are given have been nobody's before, and none are shared: what the process held for another transaction, or has beside
 * it, differs from peer to peer, and is not for this one's caller. To be called before anything is loaded that keeps bytes.
 */
export function shareNoMemory(): void {
  // Small buffers are cut out of one large one, which each of them shows as its `buffer`.
  Buffer.poolSize = 0;
  for (const name of ['allocUnsafe', 'allocUnsafeSlow'] as const)
    Object.defineProperty(Buffer, name, { value: (size: number) => Buffer.alloc(size) });
}
