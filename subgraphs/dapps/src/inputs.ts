/** What the mutations of this subgraph are given. */
import { MutationInput } from '@medigraph/platform/graph';
import { dappManifestScalar, dateTimeScalar } from '@medigraph/schema/scalars';
import { Field, ID, InputType, Int } from 'type-graphql';

@InputType({ description: 'Who is to publish DApps.' })
export class RegisterPublisherInput extends MutationInput {
  @Field(() => ID, { description: 'Id to be, first come.' })
  id!: string;

  @Field(() => String, { description: 'Name that people see.' })
  name!: string;

  @Field(() => ID, { description: 'Institution of your organisation whose place the publisher takes.' })
  institution!: string;

  @Field(() => String, { description: 'Public key on P-256 that signs: SubjectPublicKeyInfo in base64.' })
  key!: string;

  @Field(() => String, { nullable: true, description: 'Its page (https).' })
  homepage?: string;

  @Field(() => String, { nullable: true, description: 'Its e-mail address.' })
  contact?: string;
}

@InputType({ description: 'A key of a publisher.' })
export class AddPublisherKeyInput extends MutationInput {
  @Field(() => ID, { description: 'The publisher.' })
  publisher!: string;

  @Field(() => String, { description: 'Public key on P-256 that signs: SubjectPublicKeyInfo in base64.' })
  key!: string;
}

@InputType({ description: 'A key that is to sign no more.' })
export class RevokePublisherKeyInput extends MutationInput {
  @Field(() => ID, { description: 'The publisher.' })
  publisher!: string;

  @Field(() => ID, { description: 'RFC 7638 thumbprint of the key.' })
  kid!: string;
}

@InputType({ description: 'A version of a DApp, whose package has been sent to /packages/SHA256.' })
export class PublishDAppInput extends MutationInput {
  @Field(() => dappManifestScalar, { description: 'The manifest, as it stands in the package.' })
  manifest!: object;

  @Field(() => String, { description: 'SHA-256 of the package, in hex.' })
  sha256!: string;

  @Field(() => Int, { description: 'Size of the package, in bytes.' })
  size!: number;

  @Field(() => String, {
    description: 'JWS of the publisher over dapp, package and version: ES256, detached payload.',
  })
  signature!: string;
}

@InputType({ description: 'A version of a DApp.' })
export class DAppVersionInput extends MutationInput {
  @Field(() => ID, { description: 'Id of the DApp.' })
  dapp!: string;

  @Field(() => String, { description: 'The version.' })
  version!: string;
}

@InputType({ description: 'A version that your organisation does not want.' })
export class RefuseDAppInput extends DAppVersionInput {
  @Field(() => String, { description: 'Why: the author reads it.' })
  reason!: string;
}

@InputType({ description: 'A DApp that will end.' })
export class DeprecateDAppInput extends MutationInput {
  @Field(() => ID, { description: 'Id of the DApp.' })
  dapp!: string;

  @Field(() => String, { description: 'Why, and what to use instead.' })
  reason!: string;

  @Field(() => dateTimeScalar, { description: 'When it will end.' })
  endsAt!: string;
}

@InputType({ description: 'A DApp that is to be stopped.' })
export class RevokeDAppInput extends MutationInput {
  @Field(() => ID, { description: 'Id of the DApp.' })
  dapp!: string;

  @Field(() => String, { description: 'Why: everybody who has it reads it.' })
  reason!: string;
}

@InputType({ description: 'A DApp, and what it is granted. Again, to change that.' })
export class InstallDAppInput extends MutationInput {
  @Field(() => ID, { description: 'Id of the DApp.' })
  dapp!: string;

  @Field(() => [ID], {
    description: 'Scopes granted: those required, and as many of the others as you like.',
  })
  scopes!: string[];

  @Field(() => ID, {
    nullable: true,
    description: 'As an operator: for this institution of your organisation.',
  })
  institution?: string;
}

@InputType({ description: 'A DApp that you want no more.' })
export class UninstallDAppInput extends MutationInput {
  @Field(() => ID, { description: 'Id of the DApp.' })
  dapp!: string;

  @Field(() => ID, {
    nullable: true,
    description: 'As an operator: of this institution of your organisation.',
  })
  institution?: string;
}

@InputType({ description: 'What you say of a DApp that you have installed.' })
export class RateDAppInput extends MutationInput {
  @Field(() => ID, { description: 'Id of the DApp.' })
  dapp!: string;

  @Field(() => Int, { description: '1 to 5.' })
  stars!: number;

  @Field(() => String, { nullable: true, description: 'In your words, at most 2,000 characters.' })
  review?: string;

  @Field(() => ID, {
    nullable: true,
    description: 'As an operator: for this institution of your organisation.',
  })
  institution?: string;
}
