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
import { entryGraphId, type RequestContext } from '@medigraph/platform/graph';
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
export interface FileLimits {
  readonly file: number;
  readonly person: number;
}

/** A scan with a gigabyte of images, and as much again. */
export const defaultFileLimits: FileLimits = { file: 2_000_000_000, person: 4_000_000_000 };

/** Takes files in and gives them out, for callers that policy has let through. */
export class FileService {
  readonly bucket: FileBucket;
  readonly uploads: UploadStore<UploadDetails>;
  readonly reader: FileReader;
  readonly limits: FileLimits;
  readonly #writer: UploadWriter;

  constructor(connection: Connection, limits: FileLimits = defaultFileLimits) {
    this.limits = limits;
    this.bucket = new FileBucket(connection);
    this.uploads = new UploadStore(connection, this.bucket, limits.person);
    this.#writer = new UploadWriter(this.bucket, this.uploads);
    this.reader = new FileReader(this.bucket);
  }

  /** @throws {@link FileTooLargeError} for a size that no file may have. */
  requireSize(size: number): void {
    if (size > this.limits.file)
      throw new FileTooLargeError(`A file has at most ${this.limits.file} bytes, not ${size}.`);
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
   * Makes the upload a file, and answers what the ledger is to say of it: of what is stored, read back from there.
   * @throws `UPLOAD_INCOMPLETE`
   */
  async complete(upload: EntryUpload): Promise<care.Attachment> {
    await this.#writer.complete(upload, ciphertextLength(upload.size));
    return this.reader.digest(upload.id);
  }

  /** Leaves nothing of an upload. */
  async abort({ id }: EntryUpload): Promise<void> {
    await this.bucket.remove(id);
    await this.uploads.finish(id);
  }

  async #keyOf(context: RequestContext, upload: EntryUpload): Promise<FileKey> {
    return fileKeyOf(await this.contentKeyOf(context, upload), upload.id);
  }

  /** The content key of the entry that an upload becomes. */
  async contentKeyOf({ services }: RequestContext, { owner, details }: EntryUpload): Promise<Uint8Array> {
    const privateKey = await services.custody.decryptionKey(owner);
    const wrapped = details.entry.keys[owner];
    if (privateKey === undefined || wrapped === undefined) throw new KeyNotFoundError(owner);
    return services.envelopes.unwrap(wrapped, privateKey);
  }
}

/** Id of an upload and of its file: that of its entry, in the graph. */
export const uploadId = (patient: string, entry: string): string => entryGraphId(patient, entry);
