import { randomBytes } from 'node:crypto';
import { checked, entriesOfPatient, writtenOne } from '@medigraph/platform/graph';
import { type TransactionReference } from '@medigraph/platform/ledger';
import { care, type primitives } from '@medigraph/schema';
import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import { ConsentContext } from './context.js';
import { grant } from './granting.js';
import { consentOf } from './nodes.js';
import { requesters } from './policy.js';
import {
  ConsentPayload,
  ConsentProvisionInput,
  EndConsentInput,
  GrantAccessInput,
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
    { consent, narrowed, idempotencyKey }: GrantAccessInput,
  ): Promise<ConsentPayload> {
    const patient = context.requirePatient();
    const terms = checked(care.grantAccess.pick({ consent: true, narrowed: true }), {
      consent,
      narrowed: narrowed && {
        period: narrowed.period,
        provision: narrowed.provision && onLedger(patient, narrowed.provision),
      },
    });
    const transaction = await grant(context, patient, terms.consent, terms.narrowed, idempotencyKey);
    return payloadOf(context, consent, transaction);
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

async function endConsent(
  context: ConsentContext,
  transaction: 'Deny' | 'Revoke',
  { consent, reason, idempotencyKey }: EndConsentInput,
): Promise<ConsentPayload> {
  context.requirePatient();
  const argument = checked(care.endConsent, { consent, reason });
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
  { purpose, category, data, dataPeriod }: ConsentProvisionInput,
): Partial<Record<keyof care.Provision, unknown>> {
  return { purpose, category, data: data && entriesOfPatient(patient, data), dataPeriod };
}

/** Unguessable, and the same when the same caller repeats the call. */
function consentId({ caller, services }: ConsentContext, idempotencyKey: string | undefined): string {
  if (idempotencyKey === undefined) return randomBytes(16).toString('hex');
  return services.custody.keyedHash('consent', JSON.stringify([caller.subject, idempotencyKey])).slice(0, 32);
}
