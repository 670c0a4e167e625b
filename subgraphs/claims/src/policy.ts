/**
 * Who may see which claim and which coverage. A claim: the patient, the provider and the insurer. A coverage: the
 * beneficiary, the insurer, and institutions that the beneficiary lets store records, for they will claim against it;
 * these only on the channels that their organisation is on, so that no insurer sees whom another covers. Every way in (query, list, reference from another subgraph, subscription) asks here.
 */
import { type Relationship, type RequestContext } from '@medigraph/platform/graph';
import { type Role } from '@medigraph/schema';

export const claimants: readonly Role[] = ['hospital', 'practitioner'];
export const insurers: readonly Role[] = ['insurer'];

/** Query for the claims that the caller may see; undefined if there can be none. */
export async function visibleClaims(context: RequestContext): Promise<object | undefined> {
  const { patient, institution } = await context.viewerOf('Claim');
  if (patient !== undefined) return { patient };
  if (institution === undefined) return undefined;
  // A claims channel knows no register of institutions: only with its organisation is a name more than a name.
  const { mspId } = context.caller;
  return {
    $or: [
      { provider: institution, providerMspId: mspId },
      { insurer: institution, insurerMspId: mspId },
    ],
  };
}

/** A request that knows which claims channels the caller's organisation is on. */
type ChannelContext = RequestContext & { readonly channels: readonly string[] };

/** Query for the coverages of a patient that the caller may see; undefined if there can be none. */
export async function visibleCoverages(
  context: ChannelContext,
  beneficiary: string,
): Promise<object | undefined> {
  const { patient, institution } = await context.viewerOf('Coverage');
  if (patient !== undefined) return patient === beneficiary ? { beneficiary } : undefined;
  if (institution === undefined) return undefined;
  const relationship: Relationship | undefined = await context.relationshipWith(beneficiary);
  if (relationship?.storage === true)
    return { beneficiary, 'transaction.channel': { $in: context.channels } };
  return { beneficiary, insurer: institution, insurerMspId: context.caller.mspId };
}
