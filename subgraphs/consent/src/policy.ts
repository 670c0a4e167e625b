/**
 * Who may see which consent, which emergency access and what of the audit trail: the patient and whoever decides in their
 * name all of the patient's; an institution, and a person whom someone lets read, those that name them; a regulator every
 * emergency access. Every way in (query, list, reference from another subgraph, subscription) asks here.
 */
import { inForce, type RequestContext, type Viewer } from '@medigraph/platform/graph';
import { type Role } from '@medigraph/schema';

/** Who may ask patients for access, for their institution. */
export const requesters: readonly Role[] = ['hospital', 'practitioner', 'insurer', 'researcher', 'regulator'];

/** Who may break the glass, for their hospital. */
export const breakers: readonly Role[] = ['hospital', 'practitioner'];

/** Who may review that, for their institution. */
export const reviewers: readonly Role[] = [...breakers, 'regulator'];

/** Who looks, and in whose name they may decide. */
export interface Principal extends Viewer {
  readonly principals: readonly string[];
}

/** The patients in whose name a person may decide now, beside their own. */
export async function principalsOf({ relations }: RequestContext, person: string): Promise<string[]> {
  const now = new Date().toISOString();
  const pairs = await relations.relationships
    .find({ institution: person, until: { $gt: now } })
    .lean()
    .exec();
  const decides = ({ consents }: (typeof pairs)[number]): boolean =>
    consents.some((consent) => inForce(consent, now) && consent.delegation?.acts.includes('decide'));
  return pairs.filter(decides).map(({ patient }) => patient);
}

const ofPatients = (patient: string, principals: readonly string[]): object => ({
  patient: { $in: [patient, ...principals] },
});

/** Query for the consents that the viewer may see; undefined if there can be none. */
export function visibleConsents({ patient, institution, principals }: Principal): object | undefined {
  if (patient !== undefined) return { $or: [ofPatients(patient, principals), { grantee: patient }] };
  return institution === undefined ? undefined : { grantee: institution };
}

/** Query for the openings that the viewer may see; undefined if there can be none. */
export function visibleOpenings({ patient, institution, principals }: Principal): object | undefined {
  if (patient !== undefined) return { $or: [ofPatients(patient, principals), { actor: patient }] };
  return institution === undefined ? undefined : { actor: institution };
}

/** Query for what of the audit trail the viewer may see; undefined if there can be nothing. */
export function visibleAudit({ patient, institution, principals }: Principal): object | undefined {
  if (patient !== undefined) return { $or: [ofPatients(patient, principals), { agent: patient }] };
  return institution === undefined ? undefined : { agent: institution };
}

/** Query for the emergency accesses that the viewer may see; undefined if there can be none. */
export function visibleEmergencies({
  role,
  patient,
  institution,
  principals,
}: Principal): object | undefined {
  if (patient !== undefined) return ofPatients(patient, principals);
  if (institution === undefined) return undefined;
  return role === 'regulator' ? {} : { institution };
}
