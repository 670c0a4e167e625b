/**
 * A result that shares nothing with what resolvers hold, as if it had been sent as JSON. Objects and lists that the execution made
 * (graphql-js gives them no prototype) are taken over; values of scalars that are objects are copied through JSON.
 */
export function ownedValue<T>(value: T): T;
export function ownedValue(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) {
    const items: unknown[] = value;
    for (let index = 0; index < items.length; index += 1) {
      const item = items[index];
      if (typeof item === 'object' && item !== null) items[index] = ownedValue(item);
    }
    return items;
  }
  if (Object.getPrototypeOf(value) !== null) return JSON.parse(JSON.stringify(value)) as unknown;
  const object = value as Record<string, unknown>;
  for (const key in object) {
    const member = object[key];
    if (typeof member === 'object' && member !== null) object[key] = ownedValue(member);
  }
  return object;
}
