import { randomBytes } from 'node:crypto';
import { BadUserInput } from '@medigraph/platform/graph';
import { canonicalBytes, claimNumbers, validateResource } from '@medigraph/platform/fhir';
import { type claims } from '@medigraph/schema';
import { type ClaimsContext } from './context.js';
import { type CoverageDocument } from './read-model.js';

/**
 * What goes to the ledger of a FHIR Claim: its numbers, and the whole sealed for patient, provider and insurer.
 * @throws `FHIR_INVALID`, `FHIR_TOO_LARGE`; `BAD_USER_INPUT` if it is no Claim.
 */
export async function submittedClaim(
  context: ClaimsContext,
  { resource, provider, coverage }: { resource: unknown; provider: string; coverage: CoverageDocument },
  idempotencyKey: string | undefined,
): Promise<claims.SubmittedClaim> {
  validateResource(resource);
  if (resource.resourceType !== 'Claim')
    throw new BadUserInput(`resource must be a Claim, not a ${resource.resourceType}.`);
  const { beneficiary, insurer } = coverage;
  const { custody, envelopes } = context.services;
  const { use, items, total } = claimNumbers(resource, { beneficiary, provider });
  const recipients = await Promise.all([
    context.encryptionKeyOf({ patient: beneficiary }).then((key) => ({ id: beneficiary, key })),
    ...[...new Set([provider, insurer])].map((id) =>
      context.encryptionKeyOf({ institution: id }).then((key) => ({ id, key })),
    ),
  ]);
  const id = newId(context, 'claim', idempotencyKey);
  const { body, keys, sha256 } = await envelopes.seal(id, canonicalBytes(resource), recipients);
  return {
    id,
    use,
    provider,
    coverage: coverage.id,
    items: items
      .map(({ duplicateKey, ...item }) => ({
        ...item,
        duplicateKeyHash: custody.keyedHash('duplicate', duplicateKey),
      }))
      .sort((a, b) => a.sequence - b.sequence),
    total,
    sha256,
    body,
    keys,
  };
}

/** Unguessable, and the same when the same caller repeats the call. */
export function newId(
  { caller, services }: ClaimsContext,
  label: 'claim' | 'coverage',
  idempotencyKey: string | undefined,
): string {
  if (idempotencyKey === undefined) return randomBytes(16).toString('hex');
  return services.custody.keyedHash(label, JSON.stringify([caller.subject, idempotencyKey])).slice(0, 32);
}
