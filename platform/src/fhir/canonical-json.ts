import { type FhirResource } from 'fhir/r4.js';

const encoder = new TextEncoder();

function sorted(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/**
 * A resource as UTF-8 JSON that depends on its content alone: keys in code unit order, no white space, numbers as
 * ECMAScript writes them (RFC 8785). What is sealed, so that equal resources have equal plaintexts.
 */
export function canonicalBytes(resource: FhirResource): Uint8Array {
  return encoder.encode(JSON.stringify(resource, sorted));
}
