import { type care, entryCategories, type EntryCategory } from '@medigraph/schema';
import { demand } from '@medigraph/chaincode-lib';
import { actorFor } from './acting.js';
import { type CareContext, patientNotFound } from './care-context.js';

/** Names a program and the patient it would write about. */
type Asked = Pick<care.Contributor, 'patient' | 'institution' | 'application'>;

/** Categories that a contributor may write. */
export function categoriesOf({
  kind,
  category,
}: Pick<care.Contributor, 'kind' | 'category'>): readonly EntryCategory[] {
  return category ?? (kind === 'device' ? ['observation'] : entryCategories);
}

/**
 * The caller as a contributor that the patient lets write now. Where there is none, it is as if the patient were not there.
 * @throws {@link ContractError} `INSTITUTION_NOT_FOUND`; `CALLER_FORBIDDEN` for another organisation, or a certificate that is
 *   of someone else; `PATIENT_NOT_FOUND`.
 */
export async function contributorOfCaller(
  ctx: CareContext,
  { patient, institution, application }: Asked,
): Promise<care.Contributor> {
  await ctx.institutionOfCaller(institution);
  const by = await actorFor(ctx, institution);
  // An organisation's own certificate vouches for its programs, as it does for its practitioners.
  demand(
    by === undefined || (by.kind === 'application' && by.id === application),
    'CALLER_FORBIDDEN',
    `the certificate is not of application ${application}`,
  );
  const [subject, contributor] = await Promise.all([
    ctx.patients.get(patient),
    ctx.contributors.get(patient, institution, application),
  ]);
  if (subject?.status !== 'active' || !contributor?.active || !ctx.within(contributor.period))
    throw patientNotFound(patient);
  return contributor;
}
