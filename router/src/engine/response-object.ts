/** An object of a response, as JSON gives it. Its keys are names that a client or a subgraph chose: none can be trusted. */
export type ResponseObject = Record<string, unknown>;

export function isResponseObject(value: unknown): value is ResponseObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The object's own value, whatever its prototype has under that name. */
export function valueOf(object: ResponseObject, key: string): unknown {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

/** Sets an own value, also for the name `__proto__`, whose plain assignment would set the prototype. */
export function setValue(object: ResponseObject, key: string, value: unknown): void {
  if (key === '__proto__') {
    Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
  } else object[key] = value;
}

/**
 * Adds what another fetch gave of the same object. Objects and lists of one length unite; a null takes nothing away, as another
 * subgraph may know what this one does not.
 */
export function mergeInto(target: ResponseObject, source: ResponseObject): void {
  for (const key of Object.keys(source)) setValue(target, key, united(valueOf(target, key), source[key]));
}

function united(present: unknown, added: unknown): unknown {
  if (present === undefined || present === null) return added;
  if (added === null || added === undefined) return present;
  if (isResponseObject(present) && isResponseObject(added)) {
    mergeInto(present, added);
    return present;
  }
  if (Array.isArray(present) && Array.isArray(added) && present.length === added.length) {
    const items: unknown[] = present;
    for (const [index, item] of items.entries()) items[index] = united(item, added[index]);
    return items;
  }
  return added;
}

/** A copy that shares no object with the original. */
export function copyOf<T>(value: T): T;
export function copyOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item: unknown) => copyOf(item));
  if (!isResponseObject(value)) return value;
  const copy: ResponseObject = {};
  for (const key of Object.keys(value)) setValue(copy, key, copyOf(value[key]));
  return copy;
}
