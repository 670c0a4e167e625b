import { writtenOne } from '@medigraph/platform/graph';
import { Arg, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from 'type-graphql';
import { plaintextLength } from '@medigraph/platform/files';
import { RecordsContext } from '../context.js';
import { entryOf } from '../nodes.js';
import { Entry, EntryPayload } from '../types.js';
import { type EntryUpload } from './file-service.js';
import { beginUpload, completeUpload, isNoUpload } from './uploading.js';
import {
  Attachment,
  BeginUploadInput,
  CompleteUploadInput,
  UploadNode,
  UploadPayload,
} from './upload-types.js';

@Resolver()
export class UploadResolvers {
  @Query(() => UploadNode, {
    nullable: true,
    description: 'An upload of yours by id, and how far it has come; null if there is none.',
  })
  async upload(
    @Ctx('request') context: RecordsContext,
    @Arg('id', () => ID, { description: 'Id of the upload.' }) id: string,
  ): Promise<UploadNode | undefined> {
    if (!context.scopes.allows('DocumentReference', 'read')) return undefined;
    try {
      return await nodeOf(context, await context.files.uploadOf(context, id));
    } catch (error) {
      if (isNoUpload(error)) return undefined;
      throw error;
    }
  }

  @Mutation(() => UploadPayload, {
    description:
      'As the patient, or as an institution that the patient lets store records: begin to send a file, such as an image. Send its bytes to the url of the upload, then complete it. It is given up after a day without more.',
  })
  async beginUpload(
    @Ctx('request') context: RecordsContext,
    @Arg('input', () => BeginUploadInput, { description: 'What you will send.' }) input: BeginUploadInput,
  ): Promise<UploadPayload> {
    const upload = await beginUpload(context, context.files, input);
    return Object.assign(new UploadPayload(), { upload: await nodeOf(context, upload) });
  }

  @Mutation(() => EntryPayload, {
    description:
      'As who began it: make an entry of an upload whose bytes have all been sent. FINAL if it is your own, PRELIMINARY until the patient authorises it if you are an institution.',
  })
  async completeUpload(
    @Ctx('request') context: RecordsContext,
    @Arg('input', () => CompleteUploadInput, { description: 'Which.' }) { upload }: CompleteUploadInput,
  ): Promise<EntryPayload> {
    const transaction = await completeUpload(context, context.files, upload);
    const document = await writtenOne(context.index.entries, upload, transaction);
    return Object.assign(new EntryPayload(), { transaction, entry: entryOf(document) });
  }
}

@Resolver(() => Entry)
export class EntryAttachments {
  @FieldResolver(() => Attachment, { nullable: true, description: 'The file that it describes, if it does.' })
  async attachment(
    @Root() { id }: Entry,
    @Ctx('request') context: RecordsContext,
  ): Promise<Attachment | undefined> {
    const attachment = (await context.loaders.entries.load(id))?.attachment;
    return (
      attachment &&
      Object.assign(new Attachment(), {
        url: `/files/${id}`,
        size: plaintextLength(attachment.size) ?? 0,
        sha256: attachment.sha256,
      })
    );
  }
}

async function nodeOf({ files }: RecordsContext, upload: EntryUpload): Promise<UploadNode> {
  const { id, size } = upload;
  return Object.assign(new UploadNode(), {
    id,
    url: `/uploads/${id}`,
    size,
    offset: await files.offset(upload),
  });
}
