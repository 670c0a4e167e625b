import { FhirTooLargeError } from '../errors.js';
import { maxResourceBytes } from '../validate-resource.js';
import { parseStrictJson } from '../strict-json.js';
import { type PlatformError } from '../../errors/index.js';
import { bundleEntry, type BundleEntry, requireImportable } from './bundle.js';
import { BundleSlicer } from './bundle-slices.js';
import { ImportUnreadableError } from './errors.js';
import { ndjsonSlices } from './ndjson-slices.js';
import { type Slice } from './slice.js';
import { FhirInvalidError } from '../errors.js';

/** How an import is written: FHIR's Bundle as JSON, or a resource a line as bulk data exports have it. */
export type ImportFormat = 'bundle' | 'ndjson';

/** One resource of an import, or why it is none. Locations are `Bundle.entry[3]` or `line 17`. */
export type ReadEntry = { readonly location: string } & (
  ({ readonly error?: undefined } & BundleEntry) | { readonly error: PlatformError }
);

/** Bytes by which an entry of a bundle is more than its resource: who refers to it how, and how it came. */
const entryBytes = 20_000;

/**
 * Reads the resources of an import as its bytes arrive, in constant memory. What is wrong with one resource is told in its place,
 * and reading goes on; resources are parsed, not yet checked against FHIR.
 *
 * @param maxBytes - how much of JSON one resource may be.
 * @throws {@link ImportUnreadableError} coded `IMPORT_UNREADABLE`, for a document that is broken or not importable as a whole.
 */
export async function* readResources(
  source: AsyncIterable<Uint8Array>,
  format: ImportFormat,
  maxBytes = maxResourceBytes,
): AsyncGenerator<ReadEntry> {
  if (format === 'ndjson') {
    for await (const slice of ndjsonSlices(source, maxBytes)) yield readLine(slice, maxBytes);
    return;
  }
  const slicer = new BundleSlicer(envelope, maxBytes + entryBytes);
  for await (const chunk of source)
    for (const slice of slicer.push(chunk)) yield readElement(slice, maxBytes);
  slicer.end();
}

const envelope = {
  opened: (json: Uint8Array) => requireImportable(parsedEnvelope(json)),
  closed: (json: Uint8Array) => {
    const bundle = parsedEnvelope(json);
    requireImportable(bundle);
    const { entry = [] } = bundle as { entry?: unknown };
    if (!Array.isArray(entry) || entry.length > 0)
      throw new ImportUnreadableError('Bundle.entry must be a list of objects');
  },
};

function parsedEnvelope(json: Uint8Array): unknown {
  try {
    return parseStrictJson(json, 'Bundle');
  } catch (cause) {
    throw new ImportUnreadableError(cause instanceof FhirInvalidError ? messageOf(cause) : 'it is not JSON', {
      cause,
    });
  }
}

function messageOf({ issues: [issue] }: FhirInvalidError): string {
  return issue ? `${issue.path} ${issue.message}` : 'it is not JSON';
}

function readLine(slice: Slice, maxBytes: number): ReadEntry {
  const location = `line ${slice.index}`;
  return reading(slice, maxBytes, location, 'Resource', (value) => ({ resource: value }));
}

function readElement(slice: Slice, maxBytes: number): ReadEntry {
  const location = `Bundle.entry[${slice.index}]`;
  return reading(slice, maxBytes, location, location, (value) => bundleEntry(value, location));
}

function reading(
  slice: Slice,
  maxBytes: number,
  location: string,
  root: string,
  take: (value: unknown) => BundleEntry,
): ReadEntry {
  if ('skipped' in slice) return { location, error: new FhirTooLargeError(slice.skipped, maxBytes) };
  try {
    return { location, ...take(parseStrictJson(slice.bytes, root)) };
  } catch (error) {
    if (error instanceof FhirInvalidError) return { location, error };
    throw error;
  }
}
