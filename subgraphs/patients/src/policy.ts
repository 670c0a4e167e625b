/**
 * Who may see which patient, and who may register whom. Institutions and practitioners are known to everyone who is
 * signed in. Every way in (query, list, reference from another subgraph) asks here.
 */
import { type RequestContext, type Viewer } from '@medigraph/platform/graph';
import { type Role } from '@medigraph/schema';

/** Who may register. A hospital registers for itself, an operator for its organisation. */
export const mayRegister: Readonly<Record<'patient' | 'institution' | 'practitioner', readonly Role[]>> = {
  patient: ['hospital', 'practitioner', 'operator'],
  institution: ['operator'],
  practitioner: ['hospital', 'operator'],
};

/**
 * Whether the caller may see that there is such a patient: the patient, institutions that the patient lets store records,
 * and institutions and persons that a requested or granted consent names.
 */
export async function maySeePatient(context: RequestContext, patient: string, now: string): Promise<boolean> {
  const viewer = await context.viewer();
  if (viewer.patient === patient) return true;
  const relationship = await context.relationshipWith(patient);
  return relationship !== undefined && relationship.until > now;
}

/** {@link maySeePatient} as a query over relationships; undefined if the viewer sees patients in no other way. */
export function relatedPatients({ institution, patient, dapp }: Viewer, now: string): object | undefined {
  if (dapp !== undefined)
    return { institution: dapp.institution, until: { $gt: now }, 'consents.provision.actor.id': dapp.id };
  const party = patient ?? institution;
  return party === undefined ? undefined : { institution: party, until: { $gt: now } };
}
