import { care } from '@medigraph/schema';
import { ContractError, demand, demandDistinct, Returns, Transaction } from '@medigraph/chaincode-lib';
import { CareContext } from './care-context.js';
import { CareContract } from './care-contract.js';
import { demandNarrower } from './consent-rules.js';
import { entryNotFound, EntryReader } from './entry-reader.js';
import { grantKeys } from './granted-keys.js';

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

/** The data access contract: who may read what, for what, until when; and who did. */
export class Access extends CareContract {
  constructor() {
    super('Access');
  }

  /** By the grantee's organisation. */
  @Transaction()
  @Returns('string')
  async Request(ctx: CareContext, argument: string): Promise<string> {
    const request = ctx.argument(care.requestAccess, argument);
    await ctx.institutionOfCaller(request.grantee);
    await ctx.activePatient(request.patient);
    demand(!(await ctx.consentPointers.get(request.id)), 'CONSENT_EXISTS', `consent ${request.id} exists`);
    const consent: care.Consent = {
      ...request,
      status: 'draft',
      decision: 'permit',
      requestedAt: ctx.now,
    };
    await Promise.all([
      ctx.putConsent(consent),
      ctx.consentPointers.put({ patient: consent.patient, grantee: consent.grantee }, consent.id),
    ]);
    ctx.emit('ConsentRequested', [consent]);
    return ctx.answer(consent);
  }

  /** By the patient: what was asked, or less. */
  @Transaction()
  @Returns('string')
  async Grant(ctx: CareContext, argument: string): Promise<string> {
    const { consent: id, narrowed = {}, keys } = ctx.argument(care.grantAccess, argument);
    const { address } = await ctx.callingPatient();
    const asked = await ctx.consentOfPatient(id, address);
    demandStatus(asked, 'draft');
    demandNarrower(asked, narrowed);
    const granted: care.Consent = {
      ...asked,
      period: narrowed.period ?? asked.period,
      provision: narrowed.provision ?? asked.provision,
      status: 'active',
      decidedAt: ctx.now,
    };
    await grantKeys(ctx, granted, keys);
    await ctx.putConsent(granted);
    ctx.emit('ConsentGranted', [granted]);
    return ctx.answer(granted);
  }

  /** By the patient. No event: the consent is what it was. */
  @Transaction()
  @Returns('string')
  async AddKeys(ctx: CareContext, argument: string): Promise<string> {
    const { consent: id, keys } = ctx.argument(care.addKeys, argument);
    const { address } = await ctx.callingPatient();
    const consent = await ctx.consentOfPatient(id, address);
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

  /** By the patient: access ends, and every key that it gave is removed. */
  @Transaction()
  @Returns('string')
  async Revoke(ctx: CareContext, argument: string): Promise<string> {
    const revoked = await this.#end(ctx, argument, 'active', { status: 'inactive' });
    await ctx.grantedKeys.deleteAll(revoked.id);
    ctx.emit('ConsentRevoked', [revoked]);
    return ctx.answer(revoked);
  }

  /** Hands out the wrapped keys of entries that the caller may read, and logs it. All or none. */
  @Transaction()
  @Returns('string')
  async OpenEntries(ctx: CareContext, argument: string): Promise<string> {
    const { patient, entries: ids, institution, purpose } = ctx.argument(care.openEntries, argument);
    demandDistinct(ids, (index) => `entries.${index}`);
    const reader = await EntryReader.of(ctx, patient, institution);
    demand(
      !reader.isPatient || purpose === 'PATRQT',
      'ARGUMENT_INVALID',
      'purpose: must be PATRQT when the patient reads',
    );
    const found = await Promise.all(ids.map((id) => reader.open(id, purpose)));
    const opened = found.map((one, index) => {
      if (!one) throw entryNotFound(ids[index] ?? '');
      return one;
    });
    const opening: care.Opening = {
      transaction: ctx.transactionId,
      patient,
      actor: institution ?? patient,
      mspId: ctx.caller.mspId,
      signer: ctx.caller.address,
      purpose,
      entries: opened.map(({ entry, consent }) => ({ entry: entry.id, ...(consent && { consent }) })),
      openedAt: ctx.now,
    };
    await ctx.openings.put(opening, patient, opening.transaction);
    ctx.emit('EntryOpened', [opening]);
    return ctx.answer(opened);
  }

  /** The sealed bodies of entries that the same caller opened just before. */
  @Transaction(false)
  @Returns('string')
  async ReadBodies(ctx: CareContext, argument: string): Promise<string> {
    const { patient, entries: ids, opening: transaction } = ctx.argument(care.readBodies, argument);
    demandDistinct(ids, (index) => `entries.${index}`);
    const opening = await this.#openingOfCaller(ctx, patient, transaction);
    const consents = new Map(opening.entries.map(({ entry, consent }) => [entry, consent]));
    const missing = ids.find((id) => !consents.has(id));
    if (missing !== undefined)
      throw new ContractError('OPENING_NOT_FOUND', `opening ${transaction} did not open entry ${missing}`);
    // A consent revoked or an entry retracted since then closes it again.
    const institution = opening.actor === patient ? undefined : opening.actor;
    const reader = await EntryReader.of(ctx, patient, institution);
    const bodies = await Promise.all(
      ids.map(async (id) => {
        const [allowed, body] = await Promise.all([
          reader.mayStillRead(id, consents.get(id)),
          ctx.bodies.get(patient, id),
        ]);
        return allowed ? body : undefined;
      }),
    );
    return ctx.answer(
      bodies.map((body, index) => {
        const entry = ids[index] ?? '';
        if (body === undefined) throw entryNotFound(entry);
        return { entry, body };
      }),
    );
  }

  /** For the patient and the grantee. */
  @Transaction(false)
  @Returns('string')
  async ReadConsent(ctx: CareContext, argument: string): Promise<string> {
    const { consent: id } = ctx.argument(care.readConsent, argument);
    const consent = await ctx.consent(id);
    const [visible] = consent ? await this.#visible(ctx, [consent]) : [];
    if (!visible) throw consentNotFound(id);
    return ctx.answer(visible);
  }

  /** All of them for the patient; for anyone else those that grant to the caller's organisation. */
  @Transaction(false)
  @Returns('string')
  async ConsentsOf(ctx: CareContext, argument: string): Promise<string> {
    const { patient } = ctx.argument(care.consentsOf, argument);
    return ctx.answer(await this.#visible(ctx, await ctx.consents.all(patient)));
  }

  /** A page of who opened what; for the patient alone. */
  @Transaction(false)
  @Returns('string')
  async AuditOf(ctx: CareContext, argument: string): Promise<string> {
    const { patient, pageSize, bookmark } = ctx.argument(care.auditOf, argument);
    const self = await ctx.patientOfCaller();
    if (self?.address !== patient) return ctx.answer({ items: [] });
    return ctx.answer(await ctx.openings.page([patient], pageSize, bookmark));
  }

  async #end(
    ctx: CareContext,
    argument: string,
    from: care.Consent['status'],
    to: Partial<care.Consent>,
  ): Promise<care.Consent> {
    const { consent: id, reason } = ctx.argument(care.endConsent, argument);
    const { address } = await ctx.callingPatient();
    const consent = await ctx.consentOfPatient(id, address);
    demandStatus(consent, from);
    const ended = { ...consent, ...to, decidedAt: ctx.now, ...(reason !== undefined && { reason }) };
    await ctx.putConsent(ended);
    return ended;
  }

  async #openingOfCaller(ctx: CareContext, patient: string, transaction: string): Promise<care.Opening> {
    const opening = await ctx.openings.get(patient, transaction);
    if (opening?.signer !== ctx.caller.address || opening.mspId !== ctx.caller.mspId)
      throw new ContractError('OPENING_NOT_FOUND', `there is no opening ${transaction} of yours`);
    const age = Date.parse(ctx.now) - Date.parse(opening.openedAt);
    demand(
      age >= 0 && age <= care.openingLifetimeSeconds * 1000,
      'OPENING_EXPIRED',
      `opening ${transaction} can be read for ${care.openingLifetimeSeconds} seconds: open again`,
    );
    return opening;
  }

  async #visible(ctx: CareContext, consents: readonly care.Consent[]): Promise<care.Consent[]> {
    const address = (await ctx.patientOfCaller())?.address;
    const foreign = consents.filter(({ patient }) => patient !== address);
    const mine = await ctx.institutionsOfCaller(foreign.map(({ grantee }) => grantee));
    return consents.filter(({ patient, grantee }) => patient === address || mine.has(grantee));
  }
}
