/** In whose name a transaction is signed: for an institution, as a patient, or on behalf of one. */
import { type care, type DelegatedAct } from '@medigraph/schema';
import { callerAttributes, ContractError, demand } from '@medigraph/chaincode-lib';
import { type CareContext } from './care-context.js';

/**
 * Who of an institution of the caller's organisation signs, as their certificate says; undefined for the organisation's own.
 * @throws {@link ContractError} `CALLER_FORBIDDEN` for a practitioner who does not work there.
 */
export async function actorFor(
  ctx: CareContext,
  institution: string,
): Promise<care.ConsentActor | undefined> {
  const practitioner = ctx.attribute(callerAttributes.practitioner);
  if (practitioner === undefined) {
    const application = ctx.attribute(callerAttributes.application);
    return application === undefined ? undefined : { kind: 'application', id: application };
  }
  demand(
    (await ctx.practitioners.get(practitioner))?.institution === institution,
    'CALLER_FORBIDDEN',
    `practitioner ${practitioner} does not work for institution ${institution}`,
  );
  return { kind: 'practitioner', id: practitioner };
}

/** The institutions among these that the caller may act for. */
export async function institutionsActedFor(ctx: CareContext, ids: readonly string[]): Promise<string[]> {
  const mine = await ctx.institutionsOfCaller(ids);
  const practitioner = ctx.attribute(callerAttributes.practitioner);
  if (practitioner === undefined) return [...mine];
  const works = (await ctx.practitioners.get(practitioner))?.institution;
  return works !== undefined && mine.has(works) ? [works] : [];
}

/** The practitioner who signs, if they work at an institution of the caller's organisation: its CA vouches for its own alone. */
export async function practitionerOfCaller(ctx: CareContext): Promise<care.Practitioner | undefined> {
  const id = ctx.attribute(callerAttributes.practitioner);
  const practitioner = id === undefined ? undefined : await ctx.practitioners.get(id);
  if (!practitioner) return undefined;
  const own = await ctx.institutionsOfCaller([practitioner.institution]);
  return own.has(practitioner.institution) ? practitioner : undefined;
}

/** A patient in whose name is acted, and who acts if that is someone else. */
export interface ActingPatient {
  readonly address: string;
  /** Address of the delegate. */
  readonly grantor?: string;
}

/**
 * The patient who signs, or the one on whose behalf they may do one of these.
 * @throws {@link ContractError} `CALLER_FORBIDDEN` if the caller is no active patient, or nothing lets them act so.
 */
export async function actingFor(
  ctx: CareContext,
  onBehalfOf: string | undefined,
  ...acts: readonly DelegatedAct[]
): Promise<ActingPatient> {
  const { address } = await ctx.callingPatient();
  if (onBehalfOf === undefined || onBehalfOf === address) return { address };
  if (!(await mayAct(ctx, address, onBehalfOf, ...acts)))
    throw new ContractError(
      'CALLER_FORBIDDEN',
      `you may not ${acts.join(' or ')} on behalf of ${onBehalfOf}`,
    );
  return { address: (await ctx.activePatient(onBehalfOf)).address, grantor: address };
}

/** May a person do one of these in a patient's name now? */
export async function mayAct(
  ctx: CareContext,
  person: string,
  patient: string,
  ...acts: readonly DelegatedAct[]
): Promise<boolean> {
  const consents = await ctx.consents.all(patient, person);
  return consents.some(
    ({ status, decision, period, delegation }) =>
      status === 'active' &&
      decision === 'permit' &&
      ctx.within(period) &&
      acts.some((act) => delegation?.acts.includes(act)),
  );
}

/** May the caller decide about what is a patient's, as the patient or on their behalf? */
export async function speaksFor(ctx: CareContext, patient: string): Promise<boolean> {
  const self = await ctx.patientOfCaller();
  if (!self) return false;
  if (self.address === patient) return true;
  return self.status === 'active' && mayAct(ctx, self.address, patient, 'decide');
}

/** Does the caller sign for their organisation as such, and for nobody? */
export async function isOrganization(ctx: CareContext): Promise<boolean> {
  return !ctx.caller.isPerson && (await ctx.patientOfCaller()) === undefined;
}
