import { type Connection, mongo } from 'mongoose';
import { FileQuotaError, UploadNotFoundError } from './errors.js';
import { type FileBucket } from './file-bucket.js';
import { filesDatabase } from './file-bucket.js';

/** The end of what has been sent that fills no segment yet, sealed. */
export interface Tail {
  /** The segment that it begins. */
  readonly segment: number;
  readonly nonce: Uint8Array;
  readonly ciphertext: Uint8Array;
}

/** A file that is being sent. Nothing of what it is, is in the clear. */
export interface Upload<Details = unknown> {
  /** That of the entry that it becomes, in the graph. */
  readonly id: string;
  readonly patient: string;
  /** Whose key opens it meanwhile: chain address or institution id of whoever sends. */
  readonly owner: string;
  /** Bytes of plaintext that will have been sent. */
  readonly size: number;
  /** What the sender will make of it. */
  readonly details: Details;
  readonly tail?: Tail;
  readonly touchedAt: Date;
}

type UploadDocument = Omit<Upload, 'id' | 'tail'> & {
  readonly _id: string;
  readonly tail?: {
    readonly segment: number;
    readonly nonce: mongo.Binary;
    readonly ciphertext: mongo.Binary;
  };
};

/** How long an upload waits for more, in milliseconds. */
export const uploadPatienceMs = 24 * 3600 * 1000;

/** The uploads that have begun and are not complete. */
export class UploadStore<Details> {
  readonly #uploads: mongo.Collection<UploadDocument>;
  readonly #bucket: FileBucket;
  readonly #quota: number;

  /** @param quota - most bytes of files of one person. */
  constructor(connection: Connection, bucket: FileBucket, quota: number) {
    this.#uploads = filesDatabase(connection).collection('uploads');
    this.#bucket = bucket;
    this.#quota = quota;
  }

  /**
   * Begins an upload, or finds the one that was begun under this id.
   * @throws {@link FileQuotaError}
   */
  async begin({
    id,
    patient,
    owner,
    size,
    details,
  }: Omit<Upload<Details>, 'tail' | 'touchedAt'>): Promise<Upload<Details>> {
    const begun = { patient, owner, size, details, touchedAt: new Date() };
    const { upsertedCount } = await this.#uploads.updateOne(
      { _id: id },
      { $setOnInsert: begun },
      { upsert: true },
    );
    // Counted together with this one, so that two that begin at once cannot both pass.
    if (upsertedCount === 1 && (await this.#promised(patient)) > this.#quota) {
      await this.#uploads.deleteOne({ _id: id });
      throw new FileQuotaError(this.#quota);
    }
    return this.get(id, owner);
  }

  /** @throws {@link UploadNotFoundError}, for somebody else's too. */
  async get(id: string, owner: string): Promise<Upload<Details>> {
    const found = await this.#uploads.findOne({ _id: id, owner });
    if (found === null) throw new UploadNotFoundError(id);
    return uploadOf(found);
  }

  /** Keeps what has been sent beyond the last full segment, or forgets it. */
  async keepTail(id: string, tail: Tail | undefined): Promise<void> {
    const touchedAt = new Date();
    if (tail === undefined) {
      await this.#uploads.updateOne({ _id: id }, { $set: { touchedAt }, $unset: { tail: 1 } });
      return;
    }
    const { segment, nonce, ciphertext } = tail;
    const kept = { segment, nonce: new mongo.Binary(nonce), ciphertext: new mongo.Binary(ciphertext) };
    await this.#uploads.updateOne({ _id: id }, { $set: { touchedAt, tail: kept } });
  }

  /** Forgets that it was an upload; its segments stay. */
  async finish(id: string): Promise<void> {
    await this.#uploads.deleteOne({ _id: id });
  }

  /** Uploads that nothing came for since then. */
  async idleSince(instant: Date): Promise<Upload<Details>[]> {
    const found = await this.#uploads.find({ touchedAt: { $lt: instant } }).toArray();
    return found.map((document) => uploadOf<Details>(document));
  }

  async has(id: string): Promise<boolean> {
    return (await this.#uploads.countDocuments({ _id: id }, { limit: 1 })) > 0;
  }

  async #promised(patient: string): Promise<number> {
    const uploads = await this.#uploads.find({ patient }, { projection: { size: 1 } }).toArray();
    const stored = await this.#bucket.stored(patient);
    return uploads.reduce((sum, { size }) => sum + size, stored);
  }
}

function uploadOf<Details>({ _id: id, tail, details, ...upload }: UploadDocument): Upload<Details> {
  return {
    ...upload,
    id,
    details: details as Details,
    ...(tail && {
      tail: { segment: tail.segment, nonce: bytesOf(tail.nonce), ciphertext: bytesOf(tail.ciphertext) },
    }),
  };
}

function bytesOf({ buffer, position }: mongo.Binary): Buffer {
  return Buffer.from(buffer.buffer, buffer.byteOffset, position);
}
