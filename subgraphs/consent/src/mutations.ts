import {
  appoint,
  behalfOf,
  checked,
  type Decider,
  entriesOfPatient,
  Forbidden,
  type NewConsent,
  offer,
  SecondFactor,
  writtenOne,
} from '@medigraph/platform/graph';
import { patientsOrganization, type TransactionReference } from '@medigraph/platform/ledger';
import { care, primitives } from '@medigraph/schema';
import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import { consentId } from './consent-ids.js';
import { ConsentContext } from './context.js';
import { grant } from './granting.js';
import { consentOf } from './nodes.js';
import { requesters } from './policy.js';
import {
  AppointDelegateInput,
  ConsentPayload,
  ConsentProvisionInput,
  DelegateAccessInput,
  EndConsentInput,
  GrantAccessInput,
  OfferAccessInput,
  RequestAccessInput,
} from './types.js';

@Resolver()
export class ConsentMutations {
  @Mutation(() => ConsentPayload, { description: 'As an institution: ask a patient for access.' })
  async requestAccess(
    @Ctx('request') context: ConsentContext,
    @Arg('input', () => RequestAccessInput, { description: 'Whom, and for what.' })
    { patient, period, provision, reason, idempotencyKey }: RequestAccessInput,
  ): Promise<ConsentPayload> {
    const grantee = await context.requireInstitution(...requesters);
    const id = consentId(context, idempotencyKey);
    const { transaction, result } = await context.commit<care.Consent>(
      {
        contract: 'Access',
        transaction: 'Request',
        argument: checked(care.requestAccess, {
          id,
          patient,
          grantee,
          period: period ?? always,
          provision: onLedger(patient, provision),
          reason,
        }),
      },
      { idempotencyKey },
    );
    return payloadOf(context, result.id, transaction);
  }

  @Mutation(() => ConsentPayload, {
    description:
      'As the patient: grant a request, or less than it asks. The grantee gets the keys of every entry covered; if that is cut off, call it again.',
  })
  async grantAccess(
    @Ctx('request') context: ConsentContext,
    @Arg('input', () => GrantAccessInput, { description: 'Which, and how much of it.' })
    { consent, narrowed, onBehalfOf, idempotencyKey }: GrantAccessInput,
  ): Promise<ConsentPayload> {
    const decider = deciderOf(context, onBehalfOf);
    const terms = checked(care.grantAccess.pick({ consent: true, narrowed: true }), {
      consent,
      narrowed: narrowed && {
        period: narrowed.period,
        provision: narrowed.provision && onLedger(decider.patient, narrowed.provision),
      },
    });
    const transaction = await grant(context, decider, terms.consent, terms.narrowed, idempotencyKey);
    return payloadOf(context, consent, transaction);
  }

  @Mutation(() => ConsentPayload, {
    description:
      'As the patient: let someone read who has not asked: an institution, one practitioner of it, or a person. If it is cut off, call it again with the same idempotencyKey.',
  })
  async offerAccess(
    @Ctx('request') context: ConsentContext,
    @Arg('input', () => OfferAccessInput, { description: 'Whom, and what.' }) input: OfferAccessInput,
  ): Promise<ConsentPayload> {
    const { onBehalfOf, idempotencyKey } = input;
    const decider = deciderOf(context, onBehalfOf);
    const terms = checked(newConsent, termsOf(context, decider, input));
    const transaction = await offer(context, decider, terms, idempotencyKey);
    return payloadOf(context, terms.id, transaction);
  }

  @Mutation(() => ConsentPayload, {
    description:
      'As the patient: refuse someone for good, whatever else lets them read, until you revoke it. Holders keep what they hold.',
  })
  async refuseAccess(
    @Ctx('request') context: ConsentContext,
    @Arg('input', () => OfferAccessInput, { description: 'Whom, and what.' }) input: OfferAccessInput,
  ): Promise<ConsentPayload> {
    const { onBehalfOf, idempotencyKey } = input;
    const decider = deciderOf(context, onBehalfOf);
    const terms = checked(newConsent, termsOf(context, decider, input));
    const { transaction } = await context.commit(
      { contract: 'Access', transaction: 'Refuse', argument: { ...behalfOf(decider), ...terms } },
      { idempotencyKey },
    );
    return payloadOf(context, terms.id, transaction);
  }

  @SecondFactor()
  @Mutation(() => ConsentPayload, {
    description: 'As the patient: let a person read and act in your name, until you revoke it.',
  })
  async delegateAccess(
    @Ctx('request') context: ConsentContext,
    @Arg('input', () => DelegateAccessInput, { description: 'Whom, and what.' }) input: DelegateAccessInput,
  ): Promise<ConsentPayload> {
    const decider = deciderOf(context, undefined);
    const terms = delegationOf(context, decider, input);
    const transaction = await offer(context, decider, terms, input.idempotencyKey);
    return payloadOf(context, terms.id, transaction);
  }

  @SecondFactor()
  @Mutation(() => ConsentPayload, {
    description:
      'As an operator of the organisation that enrols patients: let a person read and act in the name of a patient whose keys are kept here, such as a parent. The patient is told at once. KEY_NOT_FOUND: they keep their keys themself.',
  })
  async appointDelegate(
    @Ctx('request') context: ConsentContext,
    @Arg('input', () => AppointDelegateInput, { description: 'Whose, whom, and what.' })
    input: AppointDelegateInput,
  ): Promise<ConsentPayload> {
    context.requireRole('operator');
    if (context.caller.mspId !== patientsOrganization(context.services.network))
      throw new Forbidden('Only the organisation that enrols patients can do this.');
    const patient = checked(primitives.chainAddress, input.patient);
    const terms = delegationOf(context, { patient }, input);
    const transaction = await appoint(context, patient, terms, input.idempotencyKey);
    const document = await writtenOne(context.book.consents, terms.id, transaction);
    return Object.assign(new ConsentPayload(), { transaction, consent: consentOf(document) });
  }

  @Mutation(() => ConsentPayload, { description: 'As the patient: deny a request.' })
  denyAccess(
    @Ctx('request') context: ConsentContext,
    @Arg('input', () => EndConsentInput, { description: 'Which, and why.' }) input: EndConsentInput,
  ): Promise<ConsentPayload> {
    return endConsent(context, 'Deny', input);
  }

  @Mutation(() => ConsentPayload, {
    description: 'As the patient: revoke what you granted. Every key that it gave is removed.',
  })
  revokeAccess(
    @Ctx('request') context: ConsentContext,
    @Arg('input', () => EndConsentInput, { description: 'Which, and why.' }) input: EndConsentInput,
  ): Promise<ConsentPayload> {
    return endConsent(context, 'Revoke', input);
  }
}

/** A request that says no period. */
const always: primitives.InstantPeriod = {};

const newConsent = care.refuseAccess.omit({ onBehalfOf: true });
const newDelegation = care.delegateAccess.omit({ keys: true, patient: true });

/** What a delegate reads, unless the patient says less. */
const allForPerson: care.Provision = { purpose: ['PATRQT'] };

function delegationOf(
  context: ConsentContext,
  decider: Decider,
  input: DelegateAccessInput,
): Required<Pick<NewConsent, 'delegation'>> & NewConsent {
  const { person: grantee, relationship, acts, period, reason, idempotencyKey } = input;
  const provision = input.provision ?? Object.assign(new ConsentProvisionInput(), allForPerson);
  return checked(newDelegation, {
    ...termsOf(context, decider, { grantee, period, provision, reason, idempotencyKey }),
    delegation: { relationship, acts },
  });
}

/** The patient whose consents the caller decides about. Whether the caller may, the ledger knows. */
function deciderOf(context: ConsentContext, onBehalfOf: string | undefined): Decider {
  const self = context.requirePatient();
  if (onBehalfOf === undefined || onBehalfOf === self) return { patient: self };
  return { patient: checked(primitives.chainAddress, onBehalfOf), onBehalfOf };
}

function termsOf(
  context: ConsentContext,
  { patient }: Decider,
  {
    grantee,
    period,
    provision,
    reason,
    idempotencyKey,
  }: Pick<OfferAccessInput, 'grantee' | 'period' | 'provision' | 'reason' | 'idempotencyKey'>,
): Record<keyof Omit<NewConsent, 'delegation'>, unknown> {
  return {
    id: consentId(context, idempotencyKey),
    grantee,
    period: period ?? always,
    provision: onLedger(patient, provision),
    reason,
  };
}

async function endConsent(
  context: ConsentContext,
  transaction: 'Deny' | 'Revoke',
  { consent, reason, onBehalfOf, idempotencyKey }: EndConsentInput,
): Promise<ConsentPayload> {
  const decider = deciderOf(context, onBehalfOf);
  const argument = checked(care.endConsent, { ...behalfOf(decider), consent, reason });
  const committed = await context.commit({ contract: 'Access', transaction, argument }, { idempotencyKey });
  return payloadOf(context, consent, committed.transaction);
}

async function payloadOf(
  context: ConsentContext,
  id: string,
  transaction: TransactionReference | undefined,
): Promise<ConsentPayload> {
  const document = await writtenOne(context.book.consents, id, transaction);
  return Object.assign(new ConsentPayload(), {
    transaction: transaction ?? document.transaction,
    consent: consentOf(document),
  });
}

/** A provision names entries by their ids in the graph; the ledger by those of the patient. */
function onLedger(
  patient: string,
  { data, ...provision }: ConsentProvisionInput,
): Partial<Record<keyof care.Provision, unknown>> {
  return { ...provision, data: data && entriesOfPatient(patient, data) };
}
