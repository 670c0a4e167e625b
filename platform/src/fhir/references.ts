import { isResourceTypeName } from './definitions.js';

/** The end of a RESTful reference, of any server. */
const restful = /(?:^|\/)([A-Z][A-Za-z]+)\/[A-Za-z0-9.-]{1,64}(?:\/_history\/[A-Za-z0-9.-]{1,64})?$/;
const relative = /^[A-Z][A-Za-z]+(?:\/\S+|\?\S+)$/;
const absolute = /^[A-Za-z][A-Za-z0-9+.-]*:\S+$/;

/** The resource type that a reference is to, as far as its text tells. */
export function typeOfReference(reference: string): string | undefined {
  if (reference.startsWith('urn:') || reference.startsWith('#')) return undefined;
  return restful.exec(reference)?.[1] ?? /^([A-Z][A-Za-z]+)\?/.exec(reference)?.[1];
}

/**
 * What is wrong with the text of a reference, or undefined.
 *
 * @param targets - types allowed; absent: any.
 * @param contained - ids of what the resource contains, to which `#id` refers, with their types.
 */
export function wrongReference(
  reference: string,
  targets: ReadonlySet<string> | undefined,
  contained: ReadonlyMap<string, string>,
): string | undefined {
  if (reference.startsWith('#')) {
    const id = reference.slice(1);
    if (id === '') return undefined;
    const type = contained.get(id);
    return type === undefined
      ? `refers to ${shown(reference)}, which the resource does not contain`
      : wrongTarget(type, targets);
  }
  if (!relative.test(reference) && !absolute.test(reference))
    return `${shown(reference)} is no reference: write Type/id, an absolute URL, urn:uuid: or #id`;
  const type = typeOfReference(reference);
  if (type === undefined) return undefined;
  // An absolute URL may be of a server that is not FHIR's, so that what looks like a type is none.
  if (!isResourceTypeName(type))
    return relative.test(reference) ? `${shown(type)} is not a resource type of FHIR R4` : undefined;
  return wrongTarget(type, targets);
}

/** What is wrong with a reference to that type, or undefined. */
export function wrongTarget(type: string, targets: ReadonlySet<string> | undefined): string | undefined {
  return targets === undefined || targets.has(type)
    ? undefined
    : `refers to ${shown(type)}; it may refer to ${[...targets].join(', ')}`;
}

const shown = (text: string): string => JSON.stringify(text.slice(0, 64));
