import { randomBytes } from 'node:crypto';
import { BadUserInput, type RequestContext } from '@medigraph/platform/graph';
import { type Recipient } from '@medigraph/platform/envelope';
import {
  canonicalBytes,
  entryOf,
  maxResourceBytes,
  type R4Resource,
  validateResource,
} from '@medigraph/platform/fhir';
import { care } from '@medigraph/schema';
import { type FhirResource } from '@medigraph/schema/scalars';
import { type RecordsContext } from './context.js';
import { patientReferences, requireSubject, type SubjectNames } from './subjects.js';

/** Most bytes of plaintext of several resources in one call: what one transaction can carry through every hop. */
export const maxCallBytes = 8_000_000;

/** A resource that may become an entry. */
export interface Content {
  readonly resource: R4Resource;
  readonly plaintext: Uint8Array;
}

/**
 * Checks resources of one call: FHIR, whose they are, and how much they are together. One that no transaction carries comes
 * alone, so that every call is done whole or not at all.
 * @param maxBytes - how much of JSON one may be.
 * @throws `FHIR_INVALID` and `FHIR_TOO_LARGE` for a resource, named by its place; `BAD_USER_INPUT` for too many of them.
 */
export async function checkedContents(
  context: RecordsContext,
  resources: readonly FhirResource[],
  names: SubjectNames,
  maxBytes = maxResourceBytes,
): Promise<Content[]> {
  if (resources.length === 0 || resources.length > care.maxBatch)
    throw new BadUserInput(`resources must be 1 to ${care.maxBatch}, not ${resources.length}.`);
  const contents = resources.map((resource: unknown, index): Content => {
    validateResource(resource, `resources[${index}]`, maxBytes);
    return { resource, plaintext: canonicalBytes(resource) };
  });
  const large = contents.findIndex(({ plaintext }) => plaintext.byteLength > maxResourceBytes);
  if (large !== -1 && contents.length > 1)
    throw new BadUserInput(`resources[${large}] has more than ${maxResourceBytes} bytes; send it alone.`);
  const bytes = contents.reduce((sum, { plaintext }) => sum + plaintext.byteLength, 0);
  if (contents.length > 1 && bytes > maxCallBytes)
    throw new BadUserInput(
      `The resources have ${bytes} bytes together; send at most ${maxCallBytes} at a time.`,
    );
  const patients = await patientReferences(
    context,
    names,
    contents.map(({ resource }) => ({ ...resource })),
  );
  contents.forEach(({ resource }, index) => {
    requireSubject({ ...resource }, patients, `resources[${index}]`);
  });
  return contents;
}

/** Seals each under a key of its own for its recipients. */
export async function sealedEntries(
  { services }: RequestContext,
  contents: readonly (Content & { readonly id: string })[],
  recipients: readonly Recipient[] | ((entry: care.IndexedEntry) => Promise<readonly Recipient[]>),
): Promise<care.ProposedEntry[]> {
  const sealed: care.ProposedEntry[] = [];
  for (const { id, resource, plaintext } of contents) {
    const index = entryOf(resource);
    const who = typeof recipients === 'function' ? await recipients({ id, ...index }) : recipients;
    const { body, keys, sha256, size } = await services.envelopes.seal(id, plaintext, who);
    sealed.push({ id, ...index, size, sha256, body, keys });
  }
  return sealed;
}

/** The contents with ids that are unguessable, and the same when the same caller repeats the call. */
export function identified<T extends Content>(
  context: RequestContext,
  contents: readonly T[],
  idempotencyKey: string | undefined,
): (T & { readonly id: string })[] {
  return contents.map((content, position) => ({
    ...content,
    id: entryId(context, position, idempotencyKey),
  }));
}

/** Unguessable, and the same when the same caller repeats the call. */
export function entryId(
  { caller, services }: RequestContext,
  position: number,
  idempotencyKey?: string,
): string {
  if (idempotencyKey === undefined) return randomBytes(16).toString('hex');
  return services.custody
    .keyedHash('entry', JSON.stringify([caller.subject, idempotencyKey, position]))
    .slice(0, 32);
}
