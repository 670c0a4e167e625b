/** The graph's types of this subgraph. */
import {
  connectionOf,
  entryCategoryEnum,
  EventPayload,
  MoneyType,
  MutationPayload,
  purposeOfUseEnum,
  TransactionType,
} from '@medigraph/platform/graph';
import { type TransactionReference } from '@medigraph/platform/ledger';
import { type EntryCategory, type PurposeOfUse, type registry } from '@medigraph/schema';
import { type DAppCategory } from '@medigraph/schema/dapps';
import { dappManifestScalar, dateTimeScalar } from '@medigraph/schema/scalars';
import { Directive, Field, Float, ID, Int, ObjectType } from 'type-graphql';
import {
  checkOutcomeEnum,
  checkSeverityEnum,
  dappCategoryEnum,
  dappChangeEnum,
  dappStatusEnum,
  installationStatusEnum,
  priceModelEnum,
  publisherKeyStatusEnum,
  releaseStatusEnum,
  voteDecisionEnum,
} from './enumerations.js';

@ObjectType('Institution')
@Directive('@key(fields: "id")')
export class Institution {
  @Field(() => ID, { description: 'Id in the consortium.' })
  id!: string;
}

@ObjectType('Consent')
@Directive('@key(fields: "id")')
export class Consent {
  @Field(() => ID, { description: 'Id of the consent.' })
  id!: string;
}

@ObjectType('PublisherKey', { description: 'A key that signs packages.' })
export class PublisherKey {
  @Field(() => ID, { description: 'RFC 7638 thumbprint of the public key.' })
  kid!: string;

  @Field(() => String, { description: 'Public key on P-256: SubjectPublicKeyInfo in base64.' })
  key!: string;

  @Field(() => publisherKeyStatusEnum, { description: 'Whether it signs what is published from now on.' })
  status!: 'active' | 'revoked';

  @Field(() => dateTimeScalar, { description: 'When its status began.' })
  since!: string;
}

@ObjectType('Publisher', { description: 'Who publishes DApps, in the place of an institution.' })
@Directive('@key(fields: "id")')
export class Publisher {
  @Field(() => ID, { description: 'Id of the publisher.' })
  id!: string;

  @Field(() => String, { description: 'Name that people see.' })
  name!: string;

  @Field(() => Institution, {
    description: 'The institution that consents are given to, and that answers for it.',
  })
  institution!: Institution;

  @Field(() => String, { description: 'MSP id of its organisation.' })
  organization!: string;

  @Field(() => String, { nullable: true, description: 'Its page.' })
  homepage?: string;

  @Field(() => String, { nullable: true, description: 'Its e-mail address.' })
  contact?: string;

  @Field(() => [PublisherKey], { description: 'Keys that sign, or signed, its packages.' })
  keys!: PublisherKey[];
}

@ObjectType('DAppScope', { description: 'What a DApp asks of whoever installs it.' })
export class DAppScope {
  @Field(() => ID, { description: 'Id of the scope within the DApp.' })
  id!: string;

  @Field(() => Boolean, { description: 'Whether the DApp cannot be installed without it.' })
  required!: boolean;

  @Field(() => String, { description: 'What it lets the DApp read, for what and how long: one sentence.' })
  description!: string;

  @Field(() => String, { description: 'Why, in the publisher’s words.' })
  reason!: string;

  @Field(() => [purposeOfUseEnum], { description: 'For what.' })
  purpose!: PurposeOfUse[];

  @Field(() => [entryCategoryEnum], { nullable: true, description: 'Categories read; null means all.' })
  category?: EntryCategory[];

  @Field(() => Int, { nullable: true, description: 'For how many days; null until it is withdrawn.' })
  days?: number;
}

@ObjectType('DAppPrice', { description: 'What a DApp costs.' })
export class DAppPrice {
  @Field(() => priceModelEnum, { description: 'How it is paid for.' })
  model!: 'free' | 'once' | 'monthly' | 'yearly';

  @Field(() => MoneyType, { nullable: true, description: 'How much; null if it is free.' })
  amount?: MoneyType;
}

@ObjectType('DAppDeprecation', { description: 'Notice of the publisher that a DApp will end.' })
export class DAppDeprecation {
  @Field(() => String, { description: 'Why.' })
  reason!: string;

  @Field(() => dateTimeScalar, { description: 'When it will end.' })
  endsAt!: string;

  @Field(() => dateTimeScalar, { description: 'When notice was given.' })
  since!: string;
}

@ObjectType('DAppRevocation', { description: 'That the consortium stopped a DApp.' })
export class DAppRevocation {
  @Field(() => String, { description: 'Why.' })
  reason!: string;

  @Field(() => dateTimeScalar, { description: 'When.' })
  at!: string;
}

@ObjectType('DAppStatistics', { description: 'How a DApp is taken up.' })
export class DAppStatistics {
  @Field(() => Int, { description: 'Installations that stand.' })
  installations!: number;

  @Field(() => Int, { description: 'How many rated it.' })
  ratings!: number;

  @Field(() => Float, { nullable: true, description: 'Mean of their stars, 1 to 5; null without any.' })
  averageStars?: number;
}

@ObjectType('DAppCategoryCount', { description: 'How many DApps are filed under a category.' })
export class DAppCategoryCount {
  @Field(() => dappCategoryEnum, { description: 'The category.' })
  category!: DAppCategory;

  @Field(() => Int, { description: 'How many of them run and can be installed.' })
  dapps!: number;
}

@ObjectType('DApp', {
  description: 'A DApp, as the manifest of the version that runs (or ran last) describes it.',
})
@Directive('@key(fields: "id")')
export class DApp {
  @Field(() => ID, { description: 'Id of the DApp.' })
  id!: string;

  @Field(() => String, { description: 'Name that people see.' })
  name!: string;

  @Field(() => String, { description: 'What it is for, in a line.' })
  summary!: string;

  @Field(() => String, { nullable: true, description: 'What it is for, at length.' })
  description?: string;

  @Field(() => [dappCategoryEnum], { description: 'What it is filed under.' })
  categories!: DAppCategory[];

  @Field(() => [String], { description: 'Words to find it by.' })
  keywords!: string[];

  @Field(() => String, { description: 'SPDX licence expression.' })
  license!: string;

  @Field(() => DAppPrice, { description: 'What it costs.' })
  price!: DAppPrice;

  @Field(() => [DAppScope], { description: 'What it asks of whoever installs it.' })
  scopes!: DAppScope[];

  @Field(() => String, { nullable: true, description: 'Where people open it.' })
  entry?: string;

  @Field(() => String, { nullable: true, description: 'Its page.' })
  homepage?: string;

  @Field(() => String, { nullable: true, description: 'E-mail address for those who need help.' })
  supportEmail?: string;

  @Field(() => String, { nullable: true, description: 'Page for those who need help.' })
  supportUrl?: string;

  @Field(() => dappStatusEnum, { description: 'Whether it runs.' })
  status!: registry.DApp['status'];

  @Field(() => DAppDeprecation, { nullable: true, description: 'Notice that it will end.' })
  deprecation?: DAppDeprecation;

  @Field(() => DAppRevocation, { nullable: true, description: 'Why the consortium stopped it.' })
  revocation?: DAppRevocation;

  /** For the loaders. */
  publisherId!: string;
  activeVersion?: string;
}

@ObjectType('CheckFinding', { description: 'What an automatic check found.' })
export class CheckFinding {
  @Field(() => String, { description: 'Name of the check.' })
  check!: string;

  @Field(() => checkSeverityEnum, { description: 'How bad it is.' })
  severity!: 'error' | 'warning' | 'note';

  @Field(() => String, { description: 'Stable code of what was found.' })
  code!: string;

  @Field(() => String, { description: 'What it is and what to do.' })
  message!: string;

  @Field(() => String, { nullable: true, description: 'Where: `file:line:column` in the package.' })
  location?: string;
}

@ObjectType('CheckReport', { description: 'What an organisation’s automatic checks came to.' })
export class CheckReport {
  @Field(() => String, { description: 'MSP id of the organisation.' })
  organization!: string;

  @Field(() => checkOutcomeEnum, { description: 'What they came to.' })
  outcome!: 'passed' | 'failed';

  @Field(() => [CheckFinding], { description: 'What they found.' })
  findings!: CheckFinding[];

  @Field(() => dateTimeScalar, { description: 'When.' })
  at!: string;
}

@ObjectType('DAppVote', { description: 'An organisation’s word on a version.' })
export class DAppVote {
  @Field(() => String, { description: 'MSP id of the organisation.' })
  organization!: string;

  @Field(() => voteDecisionEnum, { description: 'Yes or no.' })
  decision!: 'approve' | 'refuse';

  @Field(() => String, { nullable: true, description: 'Why.' })
  reason?: string;

  @Field(() => dateTimeScalar, { description: 'When.' })
  at!: string;
}

@ObjectType('DAppPackage', { description: 'The archive of a version: GET it at /packages/SHA256.' })
export class DAppPackage {
  @Field(() => String, { description: 'SHA-256 of its bytes, in hex.' })
  sha256!: string;

  @Field(() => Int, { description: 'In bytes.' })
  size!: number;
}

@ObjectType('DAppRelease', { description: 'A version of a DApp.' })
export class DAppRelease {
  @Field(() => ID, { description: '`dapp@version`.' })
  id!: string;

  @Field(() => String, { description: 'Semantic version.' })
  version!: string;

  @Field(() => releaseStatusEnum, { description: 'What became of it.' })
  status!: registry.DAppRelease['status'];

  @Field(() => dappManifestScalar, { description: 'Its whole manifest.' })
  manifest!: object;

  @Field(() => [DAppScope], { description: 'What it asks of whoever installs it.' })
  scopes!: DAppScope[];

  @Field(() => DAppPackage, { description: 'Its package.' })
  package!: DAppPackage;

  @Field(() => String, { description: 'Publisher’s signature: a JWS with detached payload.' })
  signature!: string;

  @Field(() => [CheckReport], { description: 'What automatic checks found, by organisation.' })
  reports!: CheckReport[];

  @Field(() => [DAppVote], { description: 'What organisations say of it.' })
  votes!: DAppVote[];

  @Field(() => Boolean, { description: 'Whether it works with the version of the platform that answers.' })
  compatible!: boolean;

  @Field(() => dateTimeScalar, { description: 'When it was published.' })
  publishedAt!: string;

  @Field(() => String, { nullable: true, description: 'Why it was refused or revoked.' })
  reason?: string;

  @Field(() => TransactionType, { description: 'The transaction that last changed it.' })
  transaction!: TransactionReference;

  /** For the loader. */
  dappId!: string;
}

@ObjectType('DAppGrant', { description: 'A scope that was granted.' })
export class DAppGrant {
  @Field(() => ID, { description: 'Id of the scope.' })
  scope!: string;

  @Field(() => Consent, { nullable: true, description: 'The consent that opens it; null of an institution.' })
  consent?: Consent;
}

@ObjectType('DAppInstallation', {
  description: 'A DApp in the hands of a person or an institution. Only they see it.',
})
export class DAppInstallation {
  @Field(() => ID, { description: 'Id of the installation.' })
  id!: string;

  @Field(() => ID, { description: 'Chain address of the person, or id of the institution.' })
  holder!: string;

  @Field(() => String, { description: 'Version at the time of the last change.' })
  version!: string;

  @Field(() => [DAppGrant], { description: 'What it was granted.' })
  grants!: DAppGrant[];

  @Field(() => installationStatusEnum, { description: 'Whether it stands.' })
  status!: registry.Installation['status'];

  @Field(() => dateTimeScalar, { description: 'Since when.' })
  since!: string;

  @Field(() => dateTimeScalar, { nullable: true, description: 'When it ended.' })
  endedAt?: string;

  @Field(() => TransactionType, { description: 'The transaction that last changed it.' })
  transaction!: TransactionReference;

  /** For the loader. */
  dappId!: string;
}

@ObjectType('DAppRating', {
  description: 'What someone who installed a DApp says of it. Who they are is not told.',
})
export class DAppRating {
  @Field(() => Int, { description: '1 to 5.' })
  stars!: number;

  @Field(() => String, { nullable: true, description: 'In their words.' })
  review?: string;

  @Field(() => String, { description: 'Of this version.' })
  version!: string;

  @Field(() => dateTimeScalar, { description: 'When.' })
  at!: string;
}

export const DAppConnection = connectionOf(DApp, 'DApp');
export const DAppReleaseConnection = connectionOf(DAppRelease, 'DAppRelease');
export const DAppInstallationConnection = connectionOf(DAppInstallation, 'DAppInstallation');
export const DAppRatingConnection = connectionOf(DAppRating, 'DAppRating');

@ObjectType({ description: 'A publisher was registered or changed.' })
export class PublisherPayload extends MutationPayload {
  @Field(() => Publisher, { description: 'The publisher.' })
  publisher!: Publisher;
}

@ObjectType({ description: 'A version of a DApp was published, or something was said of it.' })
export class DAppReleasePayload extends MutationPayload {
  @Field(() => DAppRelease, { description: 'The version.' })
  release!: DAppRelease;
}

@ObjectType({ description: 'Something was said of a DApp.' })
export class DAppPayload extends MutationPayload {
  @Field(() => DApp, { description: 'The DApp.' })
  dApp!: DApp;
}

@ObjectType({ description: 'A DApp was installed, changed or removed.' })
export class DAppInstallationPayload extends MutationPayload {
  @Field(() => DAppInstallation, { description: 'The installation.' })
  installation!: DAppInstallation;
}

@ObjectType({ description: 'A DApp was rated.' })
export class DAppRatingPayload extends MutationPayload {
  @Field(() => DAppRating, { description: 'The rating.' })
  rating!: DAppRating;
}

export type DAppChangeKind = (typeof dappChangeEnum)[string];

@ObjectType({ description: 'Something became of a DApp.' })
export class DAppChanged extends EventPayload {
  @Field(() => dappChangeEnum, { description: 'What.' })
  change!: DAppChangeKind;

  @Field(() => DApp, { description: 'The DApp, as it is now.' })
  dApp!: DApp;

  @Field(() => DAppRelease, {
    nullable: true,
    description: 'The version that the event is about, as it is now.',
  })
  release?: DAppRelease;

  @Field(() => DAppInstallation, {
    nullable: true,
    description: 'The installation of yours that the event is about.',
  })
  installation?: DAppInstallation;
}
