/** Who brought an entry, as the certificate that signed says: nothing of it is taken from the argument but how. */
import { type care } from '@medigraph/schema';
import { type z } from 'zod';
import { actorFor } from './acting.js';
import { type CareContext } from './care-context.js';

/** How an institution says that it came by something. */
export type Acquisition = z.output<typeof care.acquisition>;

/** Of what a patient writes about themself. */
export function ofPatient(patient: string): care.Provenance {
  return { agent: { kind: 'patient', id: patient }, method: 'entered' };
}

/**
 * Of what the caller brings for an institution of their organisation.
 * @throws {@link ContractError} `CALLER_FORBIDDEN` for a practitioner who does not work there.
 */
export async function ofInstitution(
  ctx: CareContext,
  institution: string,
  { method = 'entered', source }: Acquisition = {},
): Promise<care.Provenance> {
  const by = await actorFor(ctx, institution);
  return {
    agent: by ?? { kind: 'institution', id: institution },
    ...(by && { onBehalfOf: institution }),
    method,
    ...(source !== undefined && { source }),
  };
}

/** Of what a device or a program brings that a patient let write. */
export function ofContributor(
  { kind, application, institution }: Pick<care.Contributor, 'kind' | 'application' | 'institution'>,
  source: string | undefined,
): care.Provenance {
  return {
    agent: { kind, id: application },
    onBehalfOf: institution,
    method: kind === 'device' ? 'measured' : 'contributed',
    ...(source !== undefined && { source }),
  };
}
