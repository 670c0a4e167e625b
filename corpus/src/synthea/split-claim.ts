import { centsOf, maxClaimLines, type Cents } from '@medigraph/platform/fhir';
import { type Claim } from 'fhir/r4.js';

/**
 * Cuts a priced claim with more lines than one claim of the ledger has (a long stay) into several, as providers do. Each
 * has its own total; the first keeps the id, and the others name it as the claim they belong to.
 */
export function splitClaim(claim: Claim): Claim[] {
  const lines = claim.item ?? [];
  if (lines.length <= maxClaimLines) return [claim];
  const id = claim.id ?? '';
  return Array.from({ length: Math.ceil(lines.length / maxClaimLines) }, (_, part): Claim => {
    const item = lines.slice(part * maxClaimLines, (part + 1) * maxClaimLines);
    const total = item.reduce<Cents>((sum, { net }) => sum + (centsOf(net?.value ?? 0) ?? 0n), 0n);
    return {
      ...claim,
      ...(part > 0 && { id: `${id}-${part + 1}`, related: [{ claim: { reference: `Claim/${id}` } }] }),
      item,
      total: { ...claim.total, value: Number(total) / 100 },
    };
  });
}
