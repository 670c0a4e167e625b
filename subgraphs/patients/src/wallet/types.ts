/** The graph's types for callers who keep their own key. */
import { TransactionType } from '@medigraph/platform/graph';
import { type TransactionReference } from '@medigraph/platform/ledger';
import { dateTimeScalar } from '@medigraph/schema/scalars';
import { Field, InputType, ObjectType } from 'type-graphql';

@InputType({ description: 'A key to enrol, which stays with its owner.' })
export class EnrolWalletInput {
  @Field(() => String, {
    description: 'Certificate request (PKCS #10 in PEM) for a key on P-256, signed by it.',
  })
  certificateRequest!: string;

  @Field(() => String, {
    nullable: true,
    description:
      'For somebody who is to be registered: the patient id of the institutions’ systems. A patient enrols a further key of their own without it.',
  })
  identifier?: string;
}

@ObjectType({ description: 'A key has been enrolled.' })
export class EnrolWalletPayload {
  @Field(() => String, { description: 'X.509 certificate in PEM, named after the key’s chain address.' })
  certificate!: string;

  @Field(() => String, { description: 'Organisation that enrolled it (MSP id).' })
  organization!: string;

  @Field(() => String, { description: 'Channel on which the contracts about patients run.' })
  channel!: string;

  @Field(() => String, { description: 'Name of their chaincode there.' })
  chaincode!: string;

  @Field(() => String, {
    nullable: true,
    description: 'Keyed hash of the identifier, for the contract `Registration`.',
  })
  patientIdHash?: string;
}

@InputType({ description: 'A transaction to prepare for a signer who keeps their key.' })
export class PrepareTransactionInput {
  @Field(() => String, {
    description: 'Contract and transaction, such as `Records:AuthorizeStorage`.',
  })
  transaction!: string;

  @Field(() => String, { description: 'Its argument, as JSON.' })
  argument!: string;

  @Field(() => String, { description: 'Certificate of the signer, in PEM.' })
  certificate!: string;

  @Field(() => String, {
    description:
      '24 bytes in base64 that the signer never used before. The transaction’s id is the digest of them and the signer.',
  })
  nonce!: string;
}

@ObjectType({ description: 'What is to be signed next.' })
export class SigningRequest {
  @Field(() => String, { description: 'To hand back with the signatures, by the same caller.' })
  preparation!: string;

  @Field(() => [String], {
    description:
      'Each to be signed, in base64: the proposal; then the transaction and the question for its commit. Read them first.',
  })
  messages!: string[];

  @Field(() => dateTimeScalar, { description: 'Until when they can be signed.' })
  expiresAt!: string;
}

@InputType({ description: 'Signatures over what was prepared.' })
export class SubmitSignedInput {
  @Field(() => String, { description: 'What is signed.' })
  preparation!: string;

  @Field(() => [String], {
    description:
      'One for each message, in its order: ECDSA on P-256 over SHA-256 in DER, S in the lower half, in base64.',
  })
  signatures!: string[];
}

@ObjectType({ description: 'What the signatures led to.' })
export class SubmitSignedPayload {
  @Field(() => SigningRequest, { nullable: true, description: 'What is to be signed next, if anything.' })
  next?: SigningRequest;

  @Field(() => String, {
    nullable: true,
    description: 'What the contract answers, as JSON; of a transaction, before it is committed.',
  })
  result?: string;

  @Field(() => TransactionType, { nullable: true, description: 'The transaction, once it is committed.' })
  transaction?: TransactionReference;
}
