function sorted(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const entries = Object.entries(value);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
}

/** JSON with sorted keys: endorsing organisations must produce equal bytes whatever path an object was built on. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, sorted);
}
