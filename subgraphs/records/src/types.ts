/** The graph's types of this subgraph. */
import {
  connectionOf,
  entryCategoryEnum,
  entryClassEnum,
  entryStatusEnum,
  EventPayload,
  MutationInput,
  MutationPayload,
  resourceTypeEnum,
  TransactionType,
} from '@medigraph/platform/graph';
import { type TransactionReference } from '@medigraph/platform/ledger';
import { type care } from '@medigraph/schema';
import { dateScalar, dateTimeScalar, type FhirResource, fhirResourceScalar } from '@medigraph/schema/scalars';
import { Directive, Field, ID, InputType, Int, ObjectType } from 'type-graphql';

@ObjectType('Patient')
@Directive('@key(fields: "id")')
export class Patient {
  @Field(() => ID, { description: 'Chain address.' })
  id!: string;
}

@ObjectType('Institution')
@Directive('@key(fields: "id")')
export class Institution {
  @Field(() => ID, { description: 'Id in the consortium.' })
  id!: string;
}

/** A record about a patient: what the ledger's index shows of it, and through the data linker what it says. */
@ObjectType('Entry', {
  description: 'A record about a patient: what the index shows, and through the data linker what it says.',
})
@Directive('@key(fields: "id")')
export class Entry {
  @Field(() => ID, { description: 'Id of the entry.' })
  id!: string;

  @Field(() => Patient, { description: 'Whom it is about.' })
  patient!: Patient;

  @Field(() => Institution, {
    nullable: true,
    description: 'Who holds it; null for a personal entry, which the patient holds.',
  })
  institution?: Institution;

  @Field(() => entryClassEnum, { description: 'Who vouches for it.' })
  class!: care.Entry['class'];

  @Field(() => resourceTypeEnum, { description: 'FHIR R4 type of its content, as its writer said.' })
  resourceType!: care.Entry['resourceType'];

  @Field(() => entryCategoryEnum, { description: 'What kind of record it is.' })
  category!: care.Entry['category'];

  @Field(() => dateScalar, { description: 'Clinical date.' })
  date!: string;

  @Field(() => Int, { description: 'Bytes of content before it was sealed.' })
  size!: number;

  @Field(() => String, { description: 'SHA-256 of the sealed content, as the ledger has it, in hex.' })
  sha256!: string;

  @Field(() => entryStatusEnum, { description: 'PRELIMINARY until the patient authorises it.' })
  status!: care.Entry['status'];

  @Field(() => dateTimeScalar, { description: 'When it was put on the ledger.' })
  recordedAt!: string;

  @Field(() => TransactionType, { description: 'The transaction that last changed it.' })
  transaction!: TransactionReference;
}

export const EntryConnection = connectionOf(Entry, 'Entry');

/** That a patient lets an institution store records. */
@ObjectType('StorageAuthorization', {
  description: 'That a patient lets an institution store records, or no longer.',
})
export class StorageAuthorization {
  @Field(() => Patient, { description: 'Who lets.' })
  patient!: Patient;

  @Field(() => Institution, { description: 'Who may store.' })
  institution!: Institution;

  @Field(() => Boolean, { description: 'Whether it holds.' })
  active!: boolean;
}

/** What a delegate may authorise. */
@InputType()
abstract class AuthorizingInput extends MutationInput {
  @Field(() => ID, {
    nullable: true,
    description: 'In whose name you do it, if you may; absent: your own.',
  })
  onBehalfOf?: string;
}

@InputType({ description: 'Institutions that may store records about you, or no longer may.' })
export class AuthorizeStorageInput extends AuthorizingInput {
  @Field(() => [ID], { description: 'Institutions, at most 250.' })
  institutions!: string[];

  @Field(() => Boolean, { defaultValue: true, description: 'False takes the authorisation back.' })
  active: boolean = true;
}

@InputType({ description: 'Records that your institution proposes for a patient.' })
export class ProposeEntriesInput extends MutationInput {
  @Field(() => ID, { description: 'Whom they are about.' })
  patient!: string;

  @Field(() => [fhirResourceScalar], { description: 'FHIR R4 resources, at most 250 and 8 MB together.' })
  resources!: FhirResource[];

  @Field(() => [String], {
    nullable: true,
    description:
      'References by which you mean the patient, such as `Patient/123`, beside their address and the identifier that they were registered under.',
  })
  knownAs?: string[];

  @Field(() => String, {
    nullable: true,
    description: 'The system that they come from, by a name that says nothing of the patient.',
  })
  source?: string;
}

@InputType({ description: 'Records of your own.' })
export class AddPersonalEntriesInput extends MutationInput {
  @Field(() => [fhirResourceScalar], { description: 'FHIR R4 resources, at most 250 and 8 MB together.' })
  resources!: FhirResource[];
}

@InputType({ description: 'Proposed entries that you authorise.' })
export class AuthorizeEntriesInput extends AuthorizingInput {
  @Field(() => [ID], { description: 'Entries, at most 250.' })
  entries!: string[];
}

@InputType({ description: 'An entry that should not have been made.' })
export class RetractEntryInput extends MutationInput {
  @Field(() => ID, { description: 'The entry.' })
  entry!: string;

  @Field(() => String, { description: 'Why, at most 500 characters.' })
  reason!: string;
}

@InputType({ description: 'An entry that is to be no more.' })
export class EraseEntryInput extends MutationInput {
  @Field(() => ID, { description: 'The entry.' })
  entry!: string;

  @Field(() => String, { nullable: true, description: 'Why, at most 500 characters.' })
  reason?: string;
}

@ObjectType({ description: 'That an entry was erased.' })
export class Erasure {
  @Field(() => ID, { description: 'Id of the entry that was.' })
  id!: string;

  @Field(() => ID, { description: 'Address of the patient, or id of the institution, who erased it.' })
  erasedBy!: string;

  @Field(() => dateTimeScalar, { description: 'When.' })
  erasedAt!: string;
}

@ObjectType({ description: 'An entry has been erased.' })
export class ErasurePayload extends MutationPayload {
  @Field(() => Erasure, { description: 'What the ledger says of it.' })
  erasure!: Erasure;
}

@ObjectType({ description: 'Who may store records has changed.' })
export class AuthorizeStoragePayload extends MutationPayload {
  @Field(() => [StorageAuthorization], { description: 'What holds now, one an institution.' })
  storageAuthorizations!: StorageAuthorization[];
}

@ObjectType({ description: 'Entries have been written or changed.' })
export class EntriesPayload extends MutationPayload {
  @Field(() => [Entry], { description: 'The entries, in the order given.' })
  entries!: Entry[];
}

@ObjectType({ description: 'An entry has been changed.' })
export class EntryPayload extends MutationPayload {
  @Field(() => Entry, { description: 'The entry.' })
  entry!: Entry;
}

@ObjectType({ description: 'Something happened to an entry that you may see.' })
export class EntryChanged extends EventPayload {
  @Field(() => Entry, { description: 'The entry as the event has it.' })
  entry!: Entry;
}
