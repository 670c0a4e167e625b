import { Field, ID, InputType, ObjectType } from 'type-graphql';

@ObjectType('DAppCredentials', { description: 'How the back end of a DApp gets tokens: client credentials.' })
export class DAppCredentials {
  @Field(() => ID, { description: 'OAuth client id.' })
  clientId!: string;

  @Field(() => String, { description: 'Where it gets tokens.' })
  tokenEndpoint!: string;

  @Field(() => String, {
    description:
      'How it authenticates there, as OpenID Connect names it: `private_key_jwt` or `client_secret_post`.',
  })
  authentication!: string;

  @Field(() => ID, { nullable: true, description: 'RFC 7638 thumbprint of its key; null for a secret.' })
  kid?: string;

  @Field(() => String, { nullable: true, description: 'Its secret: told once, when it is made.' })
  secret?: string;
}

@InputType({ description: 'Credentials that the back end of a DApp is to have.' })
export class IssueDAppCredentialsInput {
  @Field(() => ID, { description: 'Id of the DApp.' })
  dapp!: string;

  @Field(() => String, {
    nullable: true,
    description:
      'Public key on P-256 that it authenticates with: SubjectPublicKeyInfo in base64. Without one it is given a secret.',
  })
  publicKey?: string;
}

@InputType({ description: 'Credentials that are to count no more.' })
export class CloseDAppCredentialsInput {
  @Field(() => ID, { description: 'Id of the DApp.' })
  dapp!: string;
}
