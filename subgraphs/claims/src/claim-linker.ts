/** How what is sealed in a claim comes to one of its parties. */
import { unwrapWithAny } from '@medigraph/platform/envelope';
import { KeyNotFoundError } from '@medigraph/platform/identity';
import { type claims } from '@medigraph/schema';
import { type FhirResource } from '@medigraph/schema/scalars';
import { type ClaimsContext } from './context.js';
import { ClaimNotFound } from './errors.js';
import { type ClaimDocument } from './read-model.js';

/** The FHIR Claim, or why it cannot be read. */
export async function readSealedClaim(
  context: ClaimsContext,
  { _id, id, transaction: { channel } }: ClaimDocument,
): Promise<FhirResource | Error> {
  try {
    const { patient, institution } = await context.viewer();
    const owner = patient ?? institution;
    if (owner === undefined) return new ClaimNotFound(_id);
    const privateKeys = await context.services.custody.decryptionKeys(owner);
    if (privateKeys.length === 0) return new KeyNotFoundError(owner);
    const { claim, body, keys } = await context.evaluate<claims.SealedClaim>(
      { contract: 'Claims', transaction: 'ReadClaim', argument: { claim: id } },
      context.placeOf(channel),
    );
    const wrapped = keys[owner];
    if (wrapped === undefined) return new ClaimNotFound(_id);
    const { envelopes } = context.services;
    const contentKey = await unwrapWithAny(envelopes, wrapped, privateKeys);
    const plaintext = await envelopes.open(id, body, claim.sha256, contentKey);
    return JSON.parse(Buffer.from(plaintext).toString('utf8')) as FhirResource;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}
