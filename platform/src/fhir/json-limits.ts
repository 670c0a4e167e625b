import { FhirInvalidError, type FhirIssue } from './errors.js';

/** Nesting that no real resource reaches; beyond it, recursion over a document becomes an attack. */
export const maxDepth = 64;

/** Keys that reach an object's prototype when copied carelessly. FHIR has no element of these names. */
const forbiddenKeys: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

/**
 * Refuses what is not plain, finite JSON: values that JSON has no word for, class instances, nesting beyond
 * {@link maxDepth} (cycles included) and keys that touch prototypes.
 *
 * @throws {@link FhirInvalidError} at the first fault.
 */
export function requirePlainJson(value: unknown, path: string, depth = 0): void {
  const refuse = (message: string): never => {
    throw new FhirInvalidError([{ path, message } satisfies FhirIssue]);
  };
  if (depth > maxDepth) refuse(`is nested deeper than ${maxDepth} levels`);
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return;
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) refuse('is not a finite number');
    return;
  }
  if (typeof value !== 'object') {
    refuse(`is of type ${typeof value}, which JSON does not have`);
    return;
  }
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) requirePlainJson(item, `${path}[${index}]`, depth + 1);
    return;
  }
  if (!isPlain(value)) refuse('is not a plain JSON object');
  for (const [key, item] of Object.entries(value)) {
    if (forbiddenKeys.has(key)) refuse(`has the forbidden key "${key}"`);
    if (item !== undefined) requirePlainJson(item, `${path}.${key}`, depth + 1);
  }
}

/** Of no class: its prototype is the root one (of any realm), or there is none. */
function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value) as object | null;
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
