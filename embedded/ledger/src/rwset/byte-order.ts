/** Order of strings by their UTF-8 bytes, which is that of keys in the store and of the other Fabric implementations. */
export function compareBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

export function sortedByKey<V>(map: ReadonlyMap<string, V>): V[] {
  return [...map.entries()].sort(([a], [b]) => compareBytes(a, b)).map(([, value]) => value);
}
