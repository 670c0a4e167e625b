import { identifierHash } from '@medigraph/platform/graph';
import { type SigningRequest as Signing } from '@medigraph/platform/preparation';
import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import { PatientsContext } from '../context.js';
import { mayRegister } from '../policy.js';
import { demandMayPrepare, preparedCallOf } from './prepared-calls.js';
import {
  EnrolWalletInput,
  EnrolWalletPayload,
  PrepareTransactionInput,
  SigningRequest,
  SubmitSignedInput,
  SubmitSignedPayload,
} from './types.js';

/** For patients who keep their own keys: the graph prepares what they sign, and forwards it. */
@Resolver()
export class WalletMutations {
  @Mutation(() => EnrolWalletPayload, {
    description:
      'Enrols a key that its owner keeps: of a patient who is to be registered, or a further one of the patient who calls. Registering is up to its signature.',
  })
  async enrolWallet(
    @Ctx('request') context: PatientsContext,
    @Arg('input', () => EnrolWalletInput, { description: 'The key.' })
    { certificateRequest, identifier }: EnrolWalletInput,
  ): Promise<EnrolWalletPayload> {
    const { custody } = context.services;
    if (identifier === undefined) context.requirePatient();
    else context.requireRole(...mayRegister.patient);
    const organization = context.patientsOrganization;
    const { channel, chaincode } = context.care;
    return Object.assign(new EnrolWalletPayload(), {
      organization,
      channel,
      chaincode,
      patientIdHash: identifier === undefined ? undefined : identifierHash(custody, identifier),
      certificate: await custody.certify(organization, certificateRequest),
    });
  }

  @Mutation(() => SigningRequest, {
    description:
      'Prepares a transaction for a signer who keeps their key. Sign the messages, and hand the signatures to submitSigned.',
  })
  async prepareTransaction(
    @Ctx('request') context: PatientsContext,
    @Arg('input', () => PrepareTransactionInput, { description: 'The transaction.' })
    input: PrepareTransactionInput,
  ): Promise<SigningRequest> {
    const { kind, ...call } = preparedCallOf(input);
    await demandMayPrepare(context, input.transaction, input.certificate);
    const { channel, chaincode } = context.care;
    return signingRequestOf(
      context.preparedTransactions.prepare(context.caller.subject, kind, {
        ...call,
        channel,
        chaincode,
        creator: { mspId: context.patientsOrganization, certificate: input.certificate },
      }),
    );
  }

  @Mutation(() => SubmitSignedPayload, {
    description:
      'Forwards signatures over what was prepared. A transaction is signed twice: as a proposal, and with what peers answered to it; the second time it is submitted and seen committed.',
  })
  async submitSigned(
    @Ctx('request') context: PatientsContext,
    @Arg('input', () => SubmitSignedInput, { description: 'The signatures.' })
    { preparation, signatures }: SubmitSignedInput,
  ): Promise<SubmitSignedPayload> {
    const { next, result, transaction } = await context.preparedTransactions.advance(
      context.caller.subject,
      preparation,
      signatures.map((signature) => Buffer.from(signature, 'base64')),
    );
    if (transaction) await context.reached({ result: undefined, transaction });
    return Object.assign(new SubmitSignedPayload(), {
      next: next && signingRequestOf(next),
      result,
      transaction,
    });
  }
}

function signingRequestOf({ preparation, messages, expiresAt }: Signing): SigningRequest {
  return Object.assign(new SigningRequest(), {
    preparation,
    expiresAt,
    messages: messages.map((message) => Buffer.from(message).toString('base64')),
  });
}
