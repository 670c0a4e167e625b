/** The source's values mapped as they are pulled. Unlike a generator, `return()` ends the source at once, also while it waits. */
export function mappedStream<T, R>(
  source: AsyncIterableIterator<T>,
  map: (value: T) => Promise<R>,
): AsyncIterableIterator<R> {
  return {
    async next() {
      const result = await source.next();
      return result.done ? { done: true, value: undefined } : { done: false, value: await map(result.value) };
    },
    async return() {
      await source.return?.();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
