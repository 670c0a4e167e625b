/** Which consents can be given to whom. */
import { type care, emergencyPurposes, type PurposeOfUse } from '@medigraph/schema';
import { ContractError, demand } from '@medigraph/chaincode-lib';
import { type CareContext } from './care-context.js';
import { isForReading } from './consent-rules.js';

const inEmergency: ReadonlySet<PurposeOfUse> = new Set(emergencyPurposes);

function demandTerm(holds: boolean, term: string, why: string): void {
  demand(holds, 'CONSENT_TERMS_INVALID', `${term}: ${why}`);
}

/**
 * Refuses terms that nothing could keep: a practitioner who works elsewhere, a person who reads for an institution's
 * purposes, a custodian that is no regulator.
 * @throws {@link ContractError} `CONSENT_TERMS_INVALID` naming the term; `INSTITUTION_NOT_FOUND`, `PATIENT_NOT_FOUND` for
 *   a grantee that there is not.
 */
export async function demandTerms(
  ctx: CareContext,
  { grantee, provision }: Pick<care.Consent, 'grantee' | 'provision'>,
  patient: string,
): Promise<void> {
  const institution = await ctx.institutions.get(grantee);
  if (!institution) return demandPersonalTerms(ctx, grantee, provision, patient);
  const { actor, purpose } = provision;
  if (actor?.kind === 'practitioner') {
    const works = (await ctx.practitioners.get(actor.id))?.institution;
    demandTerm(works === grantee, 'provision.actor', `no practitioner ${actor.id} works for ${grantee}`);
  }
  if (isForReading(provision)) return;
  demandTerm(institution.kind === 'regulator', 'provision.action', 'only a regulator discloses keys');
  demandTerm(actor === undefined, 'provision.actor', 'a custodian acts as one');
  demandTerm(
    purpose.every((one) => inEmergency.has(one)),
    'provision.purpose',
    `keys are disclosed for ${emergencyPurposes.join(' and ')} only`,
  );
}

async function demandPersonalTerms(
  ctx: CareContext,
  grantee: string,
  provision: care.Provision,
  patient: string,
): Promise<void> {
  const person = await ctx.patients.get(grantee);
  if (person?.status !== 'active')
    throw new ContractError('INSTITUTION_NOT_FOUND', `there is no institution or person ${grantee}`);
  demandTerm(grantee !== patient, 'grantee', 'nobody needs a consent for what is their own');
  demandTerm(isForReading(provision), 'provision.action', 'only a regulator discloses keys');
  demandTerm(provision.actor === undefined, 'provision.actor', 'a person acts themself');
  demandTerm(
    provision.purpose.every((one) => one === 'PATRQT'),
    'provision.purpose',
    'a person reads at the request of the patient: PATRQT',
  );
}
