import { FhirInvalidError, type FhirIssue } from '../errors.js';
import { typeOfReference } from '../references.js';
import { ImportUnreadableError } from './errors.js';

/** Bundles that hold what is to be kept. A history also tells what was deleted, a message what is to be done, a response nothing. */
export const importableBundles = ['collection', 'document', 'transaction', 'batch', 'searchset'] as const;

type JsonObject = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** @throws {@link ImportUnreadableError} unless the value is a bundle whose entries can be imported. */
export function requireImportable(bundle: unknown): void {
  const { resourceType, type } = isObject(bundle) ? bundle : {};
  if (resourceType !== 'Bundle')
    throw new ImportUnreadableError(
      'the document is no FHIR Bundle that says so before its entries; send single resources as NDJSON',
    );
  if (!(importableBundles as readonly unknown[]).includes(type))
    throw new ImportUnreadableError(
      `Bundle.type, which stands before the entries, must be one of ${importableBundles.join(', ')}`,
    );
}

/** An entry of a bundle: the resource, and the URL by which the others refer to it. */
export interface BundleEntry {
  readonly fullUrl?: string;
  readonly resource: unknown;
}

const stored: ReadonlySet<unknown> = new Set(['POST', 'PUT']);
const elements: ReadonlySet<string> = new Set([
  'id',
  'extension',
  'modifierExtension',
  'link',
  'fullUrl',
  'resource',
  'search',
  'request',
  'response',
]);

/**
 * What an entry has to keep.
 *
 * @param location - such as `Bundle.entry[3]`; faults are told under it.
 * @throws {@link FhirInvalidError} for what is no entry, has no resource, or asks for something other than to store it.
 */
export function bundleEntry(value: unknown, location: string): BundleEntry {
  const issues: FhirIssue[] = [];
  const { fullUrl, resource, request, ...rest }: JsonObject = isObject(value) ? value : {};
  if (!isObject(value)) issues.push({ path: location, message: 'is not an object' });
  else if (resource === undefined) issues.push({ path: `${location}.resource`, message: 'is missing' });
  for (const name of Object.keys(rest))
    if (!elements.has(name.replace(/^_/, '')))
      issues.push({
        path: `${location}.${name}`,
        message: `Invalid additional property "${name.slice(0, 64)}"`,
      });
  if (fullUrl !== undefined && (typeof fullUrl !== 'string' || !/^\S+$/.test(fullUrl)))
    issues.push({ path: `${location}.fullUrl`, message: 'is not a URI' });
  const method = isObject(request) ? request['method'] : undefined;
  if (method !== undefined && !stored.has(method))
    issues.push({ path: `${location}.request.method`, message: 'must be POST or PUT: an import stores' });
  if (issues.length > 0) throw new FhirInvalidError(issues);
  return { fullUrl: fullUrl as string | undefined, resource };
}

/** How others refer to an entry once it stands for itself: `Type/id`, with the id from its `urn:uuid:` if it has none. */
export function ownReference({ fullUrl, resource }: BundleEntry): string | undefined {
  if (!isObject(resource) || typeof resource['resourceType'] !== 'string') return undefined;
  const id = idOf(resource, fullUrl);
  return id === undefined ? undefined : `${resource['resourceType']}/${id}`;
}

function idOf({ id }: JsonObject, fullUrl: string | undefined): string | undefined {
  if (typeof id === 'string') return id;
  return /^urn:uuid:([0-9a-f-]{36})$/.exec(fullUrl ?? '')?.[1];
}

/**
 * The resource as it stands for itself outside of its bundle: with an id, and with references to other entries of the bundle as
 * `Type/id` instead of by their place in it.
 *
 * @param references - `fullUrl` to `Type/id`.
 */
export function standingAlone(
  { fullUrl, resource }: BundleEntry,
  references: ReadonlyMap<string, string>,
): unknown {
  if (!isObject(resource)) return resource;
  const id = idOf(resource, fullUrl);
  const resolved = resolve(resource, references) as JsonObject;
  return id === undefined || resolved['id'] !== undefined ? resolved : { ...resolved, id };
}

function resolve(value: unknown, references: ReadonlyMap<string, string>): unknown {
  if (Array.isArray(value)) return value.map((item) => resolve(item, references));
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) =>
      name === 'reference' && typeof member === 'string'
        ? [name, references.get(member) ?? member]
        : [name, resolve(member, references)],
    ),
  );
}

/** The type and id that a reference names, without server and version: what two references to one resource have in common. */
export function referenceKey(reference: string): string {
  const type = typeOfReference(reference);
  if (type === undefined) return reference;
  return (
    /([A-Z][A-Za-z]+\/[A-Za-z0-9.-]{1,64})(?:\/_history\/[A-Za-z0-9.-]{1,64})?$/.exec(reference)?.[1] ??
    reference
  );
}
