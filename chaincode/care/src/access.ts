import { care } from '@medigraph/schema';
import { ContractError, demand, demandDistinct, Returns, Transaction } from '@medigraph/chaincode-lib';
import { actingFor, actorFor, isOrganization, speaksFor } from './acting.js';
import { CareContext } from './care-context.js';
import { CareContract } from './care-contract.js';
import { demandNarrower } from './consent-rules.js';
import { demandTerms } from './consent-terms.js';
import { permissionFor } from './permission.js';
import { grantKeys, removeKeysOfConsent } from './granted-keys.js';
import { auditPage, openEntries, readBodies } from './openings.js';

function demandStatus(consent: care.Consent, status: care.Consent['status']): void {
  demand(
    consent.status === status,
    'CONSENT_STATE_INVALID',
    `consent ${consent.id} is ${consent.status}, not ${status}`,
  );
}

function consentNotFound(id: string): ContractError {
  return new ContractError('CONSENT_NOT_FOUND', `there is no consent ${id}`);
}

/** What a consent says of who decided, if it was not the patient. */
type Grantor = Pick<care.Consent, 'grantor'>;
const grantedBy = (grantor: string | undefined): Grantor => (grantor === undefined ? {} : { grantor });

/** The data access contract: who may read what, for what, until when; and who did. */
export class Access extends CareContract {
  protected override readonly openToDApps = new Set(['Permits']);

  constructor() {
    super('Access');
  }

  /** By the grantee's organisation. */
  @Transaction()
  @Returns('string')
  async Request(ctx: CareContext, argument: string): Promise<string> {
    const request = ctx.argument(care.requestAccess, argument);
    const { id, patient, grantee } = request;
    await ctx.institutionOfCaller(grantee);
    await actorFor(ctx, grantee);
    await ctx.activePatient(patient);
    await this.#demandNew(ctx, [id]);
    await demandTerms(ctx, request, patient);
    const pending = await ctx.marked('pending', patient, grantee);
    demand(
      pending.length < care.maxPendingRequests,
      'REQUESTS_PENDING',
      `${pending.length} requests of ${grantee} wait for the patient to decide`,
    );
    const consent: care.Consent = { ...request, status: 'draft', decision: 'permit', requestedAt: ctx.now };
    await ctx.putConsent(consent);
    ctx.emit('ConsentRequested', [consent]);
    return ctx.answer(consent);
  }

  /** By the patient: what was asked, or less. */
  @Transaction()
  @Returns('string')
  async Grant(ctx: CareContext, argument: string): Promise<string> {
    const { consent: id, narrowed = {}, keys, onBehalfOf } = ctx.argument(care.grantAccess, argument);
    const { address, grantor } = await actingFor(ctx, onBehalfOf, 'decide');
    const asked = await ctx.consentOfPatient(id, address);
    demandStatus(asked, 'draft');
    demandNarrower(asked, narrowed);
    const granted: care.Consent = {
      ...asked,
      ...grantedBy(grantor),
      period: narrowed.period ?? asked.period,
      provision: narrowed.provision ?? asked.provision,
      status: 'active',
      decidedAt: ctx.now,
    };
    await demandTerms(ctx, granted, address);
    await grantKeys(ctx, granted, keys);
    await ctx.putConsent(granted, asked);
    ctx.emit('ConsentGranted', [granted]);
    return ctx.answer(granted);
  }

  /** By the patient, whom nobody asked. */
  @Transaction()
  @Returns('string')
  async Offer(ctx: CareContext, argument: string): Promise<string> {
    const { consents: offers, onBehalfOf } = ctx.argument(care.offerAccess, argument);
    demandDistinct(
      offers.map(({ id }) => id),
      (index) => `consents.${index}.id`,
    );
    const { address, grantor } = await actingFor(ctx, onBehalfOf, 'decide');
    await this.#demandNew(
      ctx,
      offers.map(({ id }) => id),
    );
    const granted = await Promise.all(
      offers.map(async ({ keys, ...terms }) => {
        this.#demandOther(terms.grantee, grantor);
        await demandTerms(ctx, terms, address);
        const consent = this.#decided(ctx, { ...terms, ...grantedBy(grantor), patient: address }, 'permit');
        await grantKeys(ctx, consent, keys);
        await ctx.putConsent(consent);
        return consent;
      }),
    );
    ctx.emit('ConsentGranted', granted);
    return ctx.answer(granted);
  }

  /** By the patient: a standing no, which goes before every yes. */
  @Transaction()
  @Returns('string')
  async Refuse(ctx: CareContext, argument: string): Promise<string> {
    const { onBehalfOf, ...terms } = ctx.argument(care.refuseAccess, argument);
    const { address, grantor } = await actingFor(ctx, onBehalfOf, 'decide');
    await this.#demandNew(ctx, [terms.id]);
    await demandTerms(ctx, terms, address);
    const refusal = this.#decided(ctx, { ...terms, ...grantedBy(grantor), patient: address }, 'deny');
    await ctx.putConsent(refusal);
    ctx.emit('ConsentDenied', [refusal]);
    return ctx.answer(refusal);
  }

  /** By the patient, or by the organisation that enrolled them: who reads and acts in the patient's name. */
  @Transaction()
  @Returns('string')
  async Delegate(ctx: CareContext, argument: string): Promise<string> {
    const { keys, patient, ...terms } = ctx.argument(care.delegateAccess, argument);
    const { address, grantor } = await this.#delegating(ctx, patient);
    await this.#demandNew(ctx, [terms.id]);
    await demandTerms(ctx, terms, address);
    const consent = this.#decided(ctx, { ...terms, ...grantedBy(grantor), patient: address }, 'permit');
    await grantKeys(ctx, consent, keys);
    await ctx.putConsent(consent);
    ctx.emit('ConsentGranted', [consent]);
    return ctx.answer(consent);
  }

  /** By the patient, or by the organisation that appointed a delegate. No event: the consent is what it was. */
  @Transaction()
  @Returns('string')
  async AddKeys(ctx: CareContext, argument: string): Promise<string> {
    const { consent: id, keys, onBehalfOf } = ctx.argument(care.addKeys, argument);
    const consent = (await this.#appointed(ctx, id)) ?? (await this.#keyed(ctx, id, onBehalfOf));
    demandStatus(consent, 'active');
    await grantKeys(ctx, consent, keys);
    return ctx.answer(consent);
  }

  /** By the patient: a request that is not granted. */
  @Transaction()
  @Returns('string')
  async Deny(ctx: CareContext, argument: string): Promise<string> {
    const denied = await this.#end(ctx, argument, 'draft', { status: 'not-done', decision: 'deny' });
    ctx.emit('ConsentDenied', [denied]);
    return ctx.answer(denied);
  }

  /** By the patient, or by the organisation that appointed a delegate: it ends, and every key that it gave is removed. */
  @Transaction()
  @Returns('string')
  async Revoke(ctx: CareContext, argument: string): Promise<string> {
    const revoked = await this.#end(ctx, argument, 'active', { status: 'inactive' });
    await removeKeysOfConsent(ctx, revoked);
    ctx.emit('ConsentRevoked', [revoked]);
    return ctx.answer(revoked);
  }

  /** Hands out the wrapped keys of entries that the caller may read, and logs it. All or none. */
  @Transaction()
  @Returns('string')
  async OpenEntries(ctx: CareContext, argument: string): Promise<string> {
    return ctx.answer(await openEntries(ctx, ctx.argument(care.openEntries, argument)));
  }

  /** The sealed bodies of entries that the same caller opened just before. */
  @Transaction(false)
  @Returns('string')
  async ReadBodies(ctx: CareContext, argument: string): Promise<string> {
    return ctx.answer(await readBodies(ctx, ctx.argument(care.readBodies, argument)));
  }

  /** For the patient, whoever decides in their name, and the grantee. */
  @Transaction(false)
  @Returns('string')
  async ReadConsent(ctx: CareContext, argument: string): Promise<string> {
    const { consent: id } = ctx.argument(care.readConsent, argument);
    const consent = await ctx.consent(id);
    const [visible] = consent ? await this.#visible(ctx, [consent], consent.patient) : [];
    if (!visible) throw consentNotFound(id);
    return ctx.answer(visible);
  }

  /** For the patient, the grantee and the DApp that is meant; writes nothing and logs nothing, as it hands out no data. */
  @Transaction(false)
  @Returns('string')
  async Permits(ctx: CareContext, argument: string): Promise<string> {
    return ctx.answer(await permissionFor(ctx, ctx.argument(care.permits, argument)));
  }

  /** All of them for the patient and whoever decides in their name; for anyone else those that grant to the caller. */
  @Transaction(false)
  @Returns('string')
  async ConsentsOf(ctx: CareContext, argument: string): Promise<string> {
    const { patient } = ctx.argument(care.consentsOf, argument);
    return ctx.answer(await this.#visible(ctx, await ctx.consents.all(patient), patient));
  }

  /** A page of who opened what, oldest first; for the patient and whoever decides in their name. */
  @Transaction(false)
  @Returns('string')
  async AuditOf(ctx: CareContext, argument: string): Promise<string> {
    return ctx.answer(await auditPage(ctx, ctx.argument(care.auditOf, argument)));
  }

  #decided(
    ctx: CareContext,
    terms: Omit<care.Consent, 'status' | 'decision' | 'decidedAt'>,
    decision: care.Consent['decision'],
  ): care.Consent {
    return { ...terms, status: 'active', decision, decidedAt: ctx.now };
  }

  async #demandNew(ctx: CareContext, ids: readonly string[]): Promise<void> {
    const known = await Promise.all(ids.map((id) => ctx.consentPointers.get(id)));
    known.forEach((one, index) => {
      demand(!one, 'CONSENT_EXISTS', `consent ${ids[index] ?? ''} exists`);
    });
  }

  #demandOther(grantee: string, grantor: string | undefined): void {
    demand(grantee !== grantor, 'CALLER_FORBIDDEN', 'a delegate grants nothing to themself');
  }

  async #delegating(ctx: CareContext, patient: string | undefined): Promise<{ address: string } & Grantor> {
    if (patient === undefined || !(await isOrganization(ctx))) {
      const { address } = await ctx.callingPatient();
      demand(
        patient === undefined || patient === address,
        'CALLER_FORBIDDEN',
        'a patient delegates nothing but their own',
      );
      return { address };
    }
    const { address, mspId } = await ctx.activePatient(patient);
    demand(mspId === ctx.caller.mspId, 'CALLER_FORBIDDEN', `${ctx.caller.mspId} did not enrol ${patient}`);
    return { address, grantor: mspId };
  }

  async #end(
    ctx: CareContext,
    argument: string,
    from: care.Consent['status'],
    to: Partial<care.Consent>,
  ): Promise<care.Consent> {
    const { consent: id, reason, onBehalfOf } = ctx.argument(care.endConsent, argument);
    const { consent, grantor } = await this.#ending(ctx, id, onBehalfOf);
    demandStatus(consent, from);
    const ended = {
      ...consent,
      ...to,
      ...grantedBy(grantor),
      decidedAt: ctx.now,
      ...(reason !== undefined && { reason }),
    };
    await ctx.putConsent(ended, consent);
    return ended;
  }

  /** What a delegate may do is not for delegates to decide: that is the patient's, and the organisation's that appointed. */
  async #ending(
    ctx: CareContext,
    id: string,
    onBehalfOf: string | undefined,
  ): Promise<{ consent: care.Consent } & Grantor> {
    const appointed = await this.#appointed(ctx, id);
    if (appointed) return { consent: appointed };
    const { address, grantor } = await actingFor(ctx, onBehalfOf, 'decide');
    const consent = await ctx.consentOfPatient(id, address);
    demand(
      grantor === undefined || consent.delegation === undefined,
      'CALLER_FORBIDDEN',
      'delegates do not decide about delegations',
    );
    return { consent, grantor };
  }

  /** The consent, if it is a delegate's whom the calling organisation appointed. */
  async #appointed(ctx: CareContext, id: string): Promise<care.Consent | undefined> {
    const consent = (await isOrganization(ctx)) ? await ctx.consent(id) : undefined;
    return consent?.delegation && consent.grantor === ctx.caller.mspId ? consent : undefined;
  }

  /** A consent that the caller may bring keys for: who authorises entries brings those of whoever is granted access. */
  async #keyed(ctx: CareContext, id: string, onBehalfOf: string | undefined): Promise<care.Consent> {
    const { address } = await actingFor(ctx, onBehalfOf, 'decide', 'authorize');
    return ctx.consentOfPatient(id, address);
  }

  async #visible(
    ctx: CareContext,
    consents: readonly care.Consent[],
    of: string,
  ): Promise<readonly care.Consent[]> {
    if (await speaksFor(ctx, of)) return consents;
    const self = (await ctx.patientOfCaller())?.address;
    const mine = await ctx.institutionsOfCaller(consents.map(({ grantee }) => grantee));
    return consents.filter(({ grantee }) => grantee === self || mine.has(grantee));
  }
}
