import { care } from '@medigraph/schema';
import { ContractError, demand, Returns, Transaction } from '@medigraph/chaincode-lib';
import { actorFor } from './acting.js';
import { CareContext } from './care-context.js';
import { CareContract } from './care-contract.js';
import { covers, isReadable } from './consent-rules.js';
import { isInForce, standingRefusals } from './entry-reader.js';
import { grantKeys } from './granted-keys.js';

const notFound = (id: string): ContractError =>
  new ContractError('EMERGENCY_NOT_FOUND', `there is no emergency access ${id}`);

/** Access in an emergency: taken by a hospital for some hours, opened by a custodian, told to the patient, and reviewed. */
export class Emergency extends CareContract {
  constructor() {
    super('Emergency');
  }

  /** By a regulator: how long the glass stays broken at most, and by when that is reviewed, from now on. */
  @Transaction()
  @Returns('string')
  async SetPolicy(ctx: CareContext, argument: string): Promise<string> {
    const { institution, ...terms } = ctx.argument(care.setEmergencyPolicy, argument);
    const { kind } = await ctx.institutionOfCaller(institution);
    demand(kind === 'regulator', 'CALLER_FORBIDDEN', `institution ${institution} is no regulator`);
    const policy: care.EmergencyPolicy = { ...terms, setBy: institution, setAt: ctx.now };
    await ctx.emergencyPolicies.put(policy, currentPolicy);
    ctx.emit('EmergencyPolicySet', [policy]);
    return ctx.answer(policy);
  }

  /** For everyone. */
  @Transaction(false)
  @Returns('string')
  async ReadPolicy(ctx: CareContext, argument: string): Promise<string> {
    ctx.argument(care.readEmergencyPolicy, argument);
    return ctx.answer(await this.#policy(ctx));
  }

  /** By a hospital: a consent of its own, as far as the patient lets a custodian disclose keys. */
  @Transaction()
  @Returns('string')
  async BreakGlass(ctx: CareContext, argument: string): Promise<string> {
    const { minutes: wanted, ...asked } = ctx.argument(care.breakGlass, argument);
    const { id, patient, institution, purpose, reason } = asked;
    const { kind } = await ctx.institutionOfCaller(institution);
    demand(kind === 'hospital', 'CALLER_FORBIDDEN', `institution ${institution} is no hospital`);
    const by = await actorFor(ctx, institution);
    demand(by?.kind !== 'application', 'CALLER_FORBIDDEN', 'a program does not judge an emergency');
    const { maxMinutes, reviewHours } = await this.#policy(ctx);
    const minutes = wanted ?? Math.min(care.usualEmergencyMinutes, maxMinutes);
    demand(minutes <= maxMinutes, 'ARGUMENT_INVALID', `minutes: must be at most ${maxMinutes}`);
    await ctx.activePatient(patient);
    demand(!(await ctx.consentPointers.get(id)), 'CONSENT_EXISTS', `consent ${id} exists`);
    const basis = await this.#basis(ctx, asked);
    const custodian = await ctx.existingInstitution(basis.grantee);
    const expiresAt = minutesAfter(ctx.now, minutes);
    const access: care.EmergencyAccess = {
      ...asked,
      custodian: custodian.id,
      custodianMspId: custodian.mspId,
      basis: basis.id,
      ...this.#signature(ctx, by),
      grantedAt: ctx.now,
      expiresAt,
      reviewDueAt: minutesAfter(ctx.now, reviewHours * 60),
    };
    const { action: _action, ...provision } = basis.provision;
    const consent: care.Consent = {
      id,
      patient,
      grantee: institution,
      provision: { ...provision, purpose: [purpose], ...(by && { actor: by }) },
      period: { start: ctx.now, end: expiresAt },
      basis: basis.id,
      reason,
      status: 'active',
      decision: 'permit',
      decidedAt: ctx.now,
    };
    await Promise.all([
      ctx.putConsent(consent),
      ctx.emergencies.put(access, id),
      ctx.unreviewed.put(id, unreviewedKey(access)),
    ]);
    ctx.emit('GlassBroken', [{ ...access, consent }]);
    return ctx.answer({ ...access, consent });
  }

  /** For the custodian: keys that it keeps of entries that the emergency access covers. */
  @Transaction(false)
  @Returns('string')
  async KeysToDisclose(ctx: CareContext, argument: string): Promise<string> {
    const { emergency, pageSize, bookmark } = ctx.argument(care.keysToDisclose, argument);
    const { access, consent } = await this.#disclosable(ctx, emergency);
    const page = await ctx.entries.page([access.patient], pageSize, bookmark);
    const covered = page.items.filter((entry) => isReadable(entry) && covers(consent.provision, entry));
    const keys = await Promise.all(covered.map(({ id }) => ctx.grantedKeys.get(access.basis, id)));
    const items = covered.flatMap(({ id: entry }, index) => {
      const key = keys[index];
      return key === undefined ? [] : [{ entry, key }];
    });
    return ctx.answer({ ...page, items });
  }

  /** By the custodian: keys wrapped for the institution that broke the glass. */
  @Transaction()
  @Returns('string')
  async DiscloseKeys(ctx: CareContext, argument: string): Promise<string> {
    const { emergency, keys } = ctx.argument(care.discloseKeys, argument);
    const { access, consent } = await this.#disclosable(ctx, emergency);
    await grantKeys(ctx, consent, keys);
    const disclosure: care.Disclosure = {
      emergency,
      patient: access.patient,
      institution: access.institution,
      custodian: access.custodian,
      ...this.#signature(ctx, undefined),
      entries: keys.map(({ entry }) => entry),
      disclosedAt: ctx.now,
    };
    ctx.emit('KeysDisclosed', [disclosure]);
    return ctx.answer(disclosure);
  }

  /** By a regulator, or by someone else of the institution than who broke the glass. */
  @Transaction()
  @Returns('string')
  async Review(ctx: CareContext, argument: string): Promise<string> {
    const { emergency, institution, outcome, comment } = ctx.argument(care.reviewBreakGlass, argument);
    const access = await this.#visibleTo(ctx, emergency, institution);
    const by = await actorFor(ctx, institution);
    demand(
      access.signer !== ctx.caller.address && (by === undefined || by.id !== access.by?.id),
      'CALLER_FORBIDDEN',
      'nobody reviews the emergency access that they took',
    );
    demand(!access.review, 'EMERGENCY_STATE_INVALID', `emergency access ${emergency} has been reviewed`);
    const review = {
      ...this.#signature(ctx, by),
      reviewer: institution,
      outcome,
      comment,
      reviewedAt: ctx.now,
    };
    const reviewed: care.EmergencyAccess = { ...access, review };
    await Promise.all([
      ctx.emergencies.put(reviewed, emergency),
      ctx.unreviewed.delete(unreviewedKey(access)),
    ]);
    ctx.emit('GlassReviewed', [reviewed]);
    return ctx.answer(reviewed);
  }

  /** For the patient, the institution and regulators. */
  @Transaction(false)
  @Returns('string')
  async Read(ctx: CareContext, argument: string): Promise<string> {
    const { emergency, institution } = ctx.argument(care.readEmergency, argument);
    if (institution !== undefined) return ctx.answer(await this.#visibleTo(ctx, emergency, institution));
    const access = await ctx.emergencies.get(emergency);
    const self = await ctx.patientOfCaller();
    if (!access || access.patient !== self?.address) throw notFound(emergency);
    return ctx.answer(access);
  }

  /** For a regulator all of them, for a hospital its own: a page may then be shorter than asked before the last one. */
  @Transaction(false)
  @Returns('string')
  async Unreviewed(ctx: CareContext, argument: string): Promise<string> {
    const { institution, pageSize, bookmark } = ctx.argument(care.unreviewedEmergencies, argument);
    const { kind } = await ctx.institutionOfCaller(institution);
    const page = await ctx.unreviewed.page([], pageSize, bookmark);
    const found = await Promise.all(page.items.map((id) => ctx.emergencies.get(id)));
    const items = found.flatMap((one) =>
      one && (kind === 'regulator' || one.institution === institution) ? [one] : [],
    );
    return ctx.answer({ ...page, items });
  }

  async #policy(ctx: CareContext): Promise<care.EmergencyPolicy> {
    return (await ctx.emergencyPolicies.get(currentPolicy)) ?? care.defaultEmergencyPolicy;
  }

  #signature(ctx: CareContext, by: care.ConsentActor | undefined) {
    return { mspId: ctx.caller.mspId, signer: ctx.caller.address, ...(by && { by }) };
  }

  /**
   * The patient's consent under which keys are disclosed for that purpose.
   * @throws {@link ContractError} `EMERGENCY_NOT_PERMITTED` if there is none, or the patient refuses the institution.
   */
  async #basis(
    ctx: CareContext,
    { patient, institution, purpose }: Pick<care.EmergencyAccess, 'patient' | 'institution' | 'purpose'>,
  ): Promise<care.Consent> {
    const [ids, refusals] = await Promise.all([
      ctx.marked('disclosing', patient),
      standingRefusals(ctx, patient, institution),
    ]);
    const consents = await Promise.all(ids.map((id) => ctx.consent(id)));
    const basis = consents.find(
      (one) => one && isInForce(ctx)(one) && one.provision.purpose.includes(purpose),
    );
    const refused = refusals.some(
      ({ provision: { purpose: purposes, actor, resourceType, category, data, dataPeriod } }) =>
        purposes.includes(purpose) && !actor && !resourceType && !category && !data && !dataPeriod,
    );
    if (!basis || refused)
      throw new ContractError(
        'EMERGENCY_NOT_PERMITTED',
        `patient ${patient} lets nobody disclose keys to ${institution} for ${purpose}`,
      );
    return basis;
  }

  /** What the calling custodian may disclose now. */
  async #disclosable(
    ctx: CareContext,
    id: string,
  ): Promise<{ access: care.EmergencyAccess; consent: care.Consent }> {
    const access = await ctx.emergencies.get(id);
    const mine = await ctx.institutionsOfCaller(access ? [access.custodian] : []);
    if (!access || !mine.has(access.custodian)) throw notFound(id);
    const [consent, basis] = await Promise.all([ctx.consent(id), ctx.consent(access.basis)]);
    demand(
      consent !== undefined && basis !== undefined && isInForce(ctx)(consent) && isInForce(ctx)(basis),
      'EMERGENCY_STATE_INVALID',
      `emergency access ${id} is over`,
    );
    return { access, consent };
  }

  async #visibleTo(ctx: CareContext, id: string, institution: string): Promise<care.EmergencyAccess> {
    const { kind } = await ctx.institutionOfCaller(institution);
    const access = await ctx.emergencies.get(id);
    if (!access || (kind !== 'regulator' && access.institution !== institution)) throw notFound(id);
    return access;
  }
}

const currentPolicy = 'current';

const minutesAfter = (instant: string, minutes: number): string =>
  new Date(Date.parse(instant) + minutes * 60_000).toISOString();

/** Sorts by time. */
const unreviewedKey = ({ grantedAt, id }: care.EmergencyAccess): string => `${grantedAt}.${id}`;
