import { type FhirIssue } from './errors.js';

/** Nesting that no real resource reaches; beyond it, recursion over a document becomes an attack. */
export const maxDepth = 64;

/** Keys that reach an object's prototype when copied carelessly. FHIR has no element of these names. */
const forbiddenKeys: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

/**
 * The first thing that is not plain, finite JSON: a value that JSON has no word for, a class instance, nesting beyond
 * {@link maxDepth} (cycles included) or a key that touches prototypes.
 */
export function plainJsonFault(value: unknown, path: string, depth = 0): FhirIssue | undefined {
  if (depth > maxDepth) return { path, message: `is nested deeper than ${maxDepth} levels` };
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return undefined;
  if (typeof value === 'number')
    return Number.isFinite(value) ? undefined : { path, message: 'is not a finite number' };
  if (typeof value !== 'object')
    return { path, message: `is of type ${typeof value}, which JSON does not have` };
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) {
      const fault = plainJsonFault(item, `${path}[${index}]`, depth + 1);
      if (fault) return fault;
    }
    return undefined;
  }
  if (!isPlain(value)) return { path, message: 'is not a plain JSON object' };
  for (const [key, item] of Object.entries(value)) {
    if (forbiddenKeys.has(key)) return { path, message: `has the forbidden key "${key}"` };
    const fault = item === undefined ? undefined : plainJsonFault(item, `${path}.${key}`, depth + 1);
    if (fault) return fault;
  }
  return undefined;
}

/** Of no class: its prototype is the root one (of any realm), or there is none. */
function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value) as object | null;
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
