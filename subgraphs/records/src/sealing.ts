import { randomBytes } from 'node:crypto';
import { BadUserInput, type RequestContext } from '@medigraph/platform/graph';
import { type Recipient } from '@medigraph/platform/envelope';
import { canonicalBytes, entryOf, validateResource } from '@medigraph/platform/fhir';
import { care } from '@medigraph/schema';
import { type FhirResource } from '@medigraph/schema/scalars';

/** Most bytes of plaintext in one call: what one transaction can carry through every hop. */
export const maxCallBytes = 8_000_000;

/**
 * Checks the resources and seals each under a key of its own for the recipients.
 * @throws `FHIR_INVALID` and `FHIR_TOO_LARGE` for a resource; `BAD_USER_INPUT` for too many of them.
 */
export async function sealedEntries(
  context: RequestContext,
  resources: readonly FhirResource[],
  recipients: readonly Recipient[] | ((entry: care.IndexedEntry) => Promise<readonly Recipient[]>),
  idempotencyKey: string | undefined,
): Promise<care.ProposedEntry[]> {
  if (resources.length === 0 || resources.length > care.maxBatch)
    throw new BadUserInput(`resources must be 1 to ${care.maxBatch}, not ${resources.length}.`);
  const contents = resources.map((resource: unknown, index) => {
    validateResource(resource, `resources[${index}]`);
    return { index: entryOf(resource), plaintext: canonicalBytes(resource) };
  });
  const bytes = contents.reduce((sum, { plaintext }) => sum + plaintext.byteLength, 0);
  if (bytes > maxCallBytes)
    throw new BadUserInput(
      `The resources have ${bytes} bytes together; send at most ${maxCallBytes} at a time.`,
    );
  const sealed: care.ProposedEntry[] = [];
  for (const [position, { index, plaintext }] of contents.entries()) {
    const id = entryId(context, position, idempotencyKey);
    const who = typeof recipients === 'function' ? await recipients({ id, ...index }) : recipients;
    const { body, keys, sha256, size } = await context.services.envelopes.seal(id, plaintext, who);
    sealed.push({ id, ...index, size, sha256, body, keys });
  }
  return sealed;
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
