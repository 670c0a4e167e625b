/**
 * Who may see which consent and which opening: the patient their own, an institution those that name it. Every way in
 * (query, list, reference from another subgraph, subscription) asks here.
 */
import { type Viewer } from '@medigraph/platform/graph';
import { type Role } from '@medigraph/schema';

/** Who may ask patients for access, for their institution. */
export const requesters: readonly Role[] = ['hospital', 'practitioner', 'insurer', 'researcher', 'regulator'];

/** Query for the consents that the viewer may see; undefined if there can be none. */
export function visibleConsents({ patient, institution }: Viewer): object | undefined {
  if (patient !== undefined) return { patient };
  return institution === undefined ? undefined : { grantee: institution };
}

/** Query for the openings that the viewer may see; undefined if there can be none. */
export function visibleOpenings({ patient, institution }: Viewer): object | undefined {
  if (patient !== undefined) return { patient };
  return institution === undefined ? undefined : { actor: institution };
}
