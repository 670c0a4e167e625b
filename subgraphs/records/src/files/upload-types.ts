/** The graph's types of uploads. */
import { entryCategoryEnum, MutationInput } from '@medigraph/platform/graph';
import { type EntryCategory } from '@medigraph/schema';
import { dateScalar } from '@medigraph/schema/scalars';
import { Field, Float, ID, InputType, Int, ObjectType } from 'type-graphql';

@ObjectType('Attachment', {
  description: 'A file that belongs to an entry. What it is, the resource of the entry says.',
})
export class Attachment {
  @Field(() => String, {
    description: 'Path at the router to read it from, by GET with your token; ?purpose=… as for `resource`.',
  })
  url!: string;

  @Field(() => Int, { description: 'Bytes of the file.' })
  size!: number;

  @Field(() => String, { description: 'SHA-256 of the sealed file, as the ledger has it, in hex.' })
  sha256!: string;
}

@ObjectType('Upload', { description: 'A file that is being sent.' })
export class UploadNode {
  @Field(() => ID, { description: 'Id of the entry that it becomes.' })
  id!: string;

  @Field(() => String, { description: 'Path at the router to send it to, by the tus protocol (1.0.0).' })
  url!: string;

  @Field(() => Int, { description: 'Bytes of the file.' })
  size!: number;

  @Field(() => Int, { description: 'Bytes that have come.' })
  offset!: number;
}

@InputType({ description: 'A file that you are going to send.' })
export class BeginUploadInput extends MutationInput {
  @Field(() => ID, {
    nullable: true,
    description:
      'As an institution: whom it is about, who must let you store records. As a patient: yourself.',
  })
  patient?: string;

  @Field(() => entryCategoryEnum, {
    nullable: true,
    description: 'What kind of record it is; absent: DOCUMENT.',
  })
  category?: EntryCategory;

  @Field(() => dateScalar, { description: 'Clinical date.' })
  date!: string;

  @Field(() => String, { description: 'Media type, such as application/dicom; sealed.' })
  contentType!: string;

  @Field(() => String, { description: 'Name of the file; sealed.' })
  name!: string;

  @Field(() => Float, {
    description: 'Bytes, at most as many as the platform takes: 2000000000 unless it is set otherwise.',
  })
  size!: number;
}

@InputType({ description: 'An upload whose bytes have all been sent.' })
export class CompleteUploadInput {
  @Field(() => ID, { description: 'The upload.' })
  upload!: string;
}

@ObjectType({ description: 'An upload has begun.' })
export class UploadPayload {
  @Field(() => UploadNode, { description: 'The upload.' })
  upload!: UploadNode;
}
