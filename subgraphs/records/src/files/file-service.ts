/** Files of entries: where they are kept, and whose uploads are under way. */
import {
  ciphertextLength,
  FileBucket,
  type FileKey,
  fileKeyOf,
  FileReader,
  FileTooLargeError,
  type Upload,
  UploadStore,
  UploadWriter,
} from '@medigraph/platform/files';
import {
  type AcquisitionLimits,
  defaultAcquisitionLimits,
  entryGraphId,
  type RequestContext,
} from '@medigraph/platform/graph';
import { unwrapWithAny } from '@medigraph/platform/envelope';
import { KeyNotFoundError } from '@medigraph/platform/identity';
import { type care } from '@medigraph/schema';
import { type Connection } from 'mongoose';

/** What an upload becomes: the entry, but for the digest of its file. */
export interface UploadDetails {
  /** Institution that will hold it; absent for a patient's own. */
  readonly institution?: string;
  readonly entry: Omit<care.ProposedEntry, 'attachment'>;
}

export type EntryUpload = Upload<UploadDetails>;

/** Most bytes of one file, and of all files of one person. */
export type FileLimits = Pick<AcquisitionLimits, 'fileBytes' | 'personFileBytes'>;

/** Takes files in and gives them out, for callers that policy has let through. */
export class FileService {
  readonly bucket: FileBucket;
  readonly uploads: UploadStore<UploadDetails>;
  readonly reader: FileReader;
  readonly limits: FileLimits;
  readonly #writer: UploadWriter;
  /** Files that are being read back: a call that is made again waits for the same reading. */
  readonly #readings = new Map<string, Promise<care.Attachment>>();

  constructor(connection: Connection, limits: FileLimits = defaultAcquisitionLimits) {
    this.limits = limits;
    this.bucket = new FileBucket(connection);
    this.uploads = new UploadStore(connection, this.bucket, limits.personFileBytes);
    this.#writer = new UploadWriter(this.bucket, this.uploads);
    this.reader = new FileReader(this.bucket);
  }

  /** @throws {@link FileTooLargeError} for a size that no file may have. */
  requireSize(size: number): void {
    if (size > this.limits.fileBytes)
      throw new FileTooLargeError(`A file has at most ${this.limits.fileBytes} bytes, not ${size}.`);
  }

  /** The caller's upload. @throws `UPLOAD_NOT_FOUND` */
  async uploadOf(context: RequestContext, id: string): Promise<EntryUpload> {
    const { patient, institution } = await context.viewer();
    return this.uploads.get(id, patient ?? institution ?? '');
  }

  /** Bytes that have come. */
  offset(upload: EntryUpload): Promise<number> {
    return this.#writer.offset(upload);
  }

  /** Takes what the caller sends, and answers where the upload then stands. */
  async append(
    context: RequestContext,
    upload: EntryUpload,
    from: number,
    source: AsyncIterable<Uint8Array>,
  ): Promise<number> {
    return this.#writer.append(upload, await this.#keyOf(context, upload), from, source);
  }

  /**
   * Makes the upload a file, and answers what the ledger is to say of it: what this process has stored, or if another has
   * stored some of it, what is read back.
   * @throws `UPLOAD_INCOMPLETE`
   */
  async complete(upload: EntryUpload): Promise<care.Attachment> {
    await this.#writer.complete(upload, ciphertextLength(upload.size));
    return this.#writer.digest(upload) ?? this.#readBack(upload.id);
  }

  /** Forgets an upload that has become an entry. */
  async finish({ id }: EntryUpload): Promise<void> {
    await this.uploads.finish(id);
    this.#writer.forget(id);
  }

  #readBack(id: string): Promise<care.Attachment> {
    const reading = this.#readings.get(id) ?? this.reader.digest(id);
    this.#readings.set(id, reading);
    return reading.finally(() => this.#readings.delete(id));
  }

  /** Leaves nothing of an upload. */
  async abort({ id }: EntryUpload): Promise<void> {
    await this.bucket.remove(id);
    await this.uploads.finish(id);
    this.#writer.forget(id);
  }

  async #keyOf(context: RequestContext, upload: EntryUpload): Promise<FileKey> {
    return fileKeyOf(await this.contentKeyOf(context, upload), upload.id);
  }

  /** The content key of the entry that an upload becomes. */
  async contentKeyOf({ services }: RequestContext, { owner, details }: EntryUpload): Promise<Uint8Array> {
    const privateKeys = await services.custody.decryptionKeys(owner);
    const wrapped = details.entry.keys[owner];
    if (privateKeys.length === 0 || wrapped === undefined) throw new KeyNotFoundError(owner);
    return unwrapWithAny(services.envelopes, wrapped, privateKeys);
  }
}

/** Id of an upload and of its file: that of its entry, in the graph. */
export const uploadId = (patient: string, entry: string): string => entryGraphId(patient, entry);
