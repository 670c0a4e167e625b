import { type Connection, mongo } from 'mongoose';
import { UploadBusyError } from './errors.js';
import { segmentBytes } from './segment-layout.js';
import { type SegmentStore, type StoredFile } from './segment-store.js';

interface Segment {
  readonly _id: string;
  readonly files_id: string;
  readonly n: number;
  readonly data: mongo.Binary;
}

interface FileDocument {
  readonly _id: string;
  readonly length: number;
  readonly chunkSize: number;
  readonly uploadDate: Date;
  readonly filename: string;
  readonly metadata: { readonly patient: string };
}

const duplicateKey = 11_000;

/**
 * Ciphertext in GridFS, each chunk one segment. It is written by segments and not by the driver's upload stream, which
 * cannot go on where another process has stopped; what is written is GridFS, and any GridFS reader reads it.
 */
export class FileBucket implements SegmentStore {
  readonly #segments: mongo.Collection<Segment>;
  readonly #files: mongo.Collection<FileDocument>;
  #ready: Promise<unknown> | undefined;

  /** @param connection of the read models: files are in a database beside theirs, which no rebuild touches. */
  constructor(connection: Connection) {
    const database = filesDatabase(connection);
    this.#segments = database.collection('fs.chunks');
    this.#files = database.collection('fs.files');
  }

  async insert(id: string, n: number, data: Uint8Array): Promise<void> {
    await (this.#ready ??= this.#createIndexes());
    try {
      const segment = { _id: `${id}/${n}`, files_id: id, n, data: new mongo.Binary(data) };
      await this.#segments.insertOne(segment);
    } catch (cause) {
      if (cause instanceof mongo.MongoServerError && cause.code === duplicateKey)
        throw new UploadBusyError({ cause });
      throw cause;
    }
  }

  async count(id: string): Promise<number> {
    const last = await this.#segments
      .find({ files_id: id }, { projection: { n: 1 } })
      .sort({ n: -1 })
      .limit(1)
      .next();
    return last === null ? 0 : last.n + 1;
  }

  async segment(id: string, n: number): Promise<Buffer | undefined> {
    const found = await this.#segments.findOne({ files_id: id, n });
    return found === null ? undefined : bytesOf(found);
  }

  async *segments(id: string, from = 0): AsyncGenerator<Buffer> {
    const cursor = this.#segments.find({ files_id: id, n: { $gte: from } }, { sort: { n: 1 }, batchSize: 4 });
    try {
      let expected = from;
      for await (const found of cursor) {
        if (found.n !== expected) return;
        expected += 1;
        yield bytesOf(found);
      }
    } finally {
      await cursor.close();
    }
  }

  async publish({ id, length, patient }: StoredFile): Promise<void> {
    const document = {
      length,
      chunkSize: segmentBytes,
      uploadDate: new Date(),
      filename: id,
      metadata: { patient },
    };
    await this.#files.updateOne({ _id: id }, { $setOnInsert: document }, { upsert: true });
  }

  async file(id: string): Promise<StoredFile | undefined> {
    const found = await this.#files.findOne({ _id: id });
    return found === null ? undefined : storedFile(found);
  }

  /** Every file, by id. */
  async *files(): AsyncGenerator<StoredFile> {
    for await (const found of this.#files.find({}, { sort: { _id: 1 } })) yield storedFile(found);
  }

  /** Bytes stored of a patient. */
  async stored(patient: string): Promise<number> {
    const [sum] = await this.#files
      .aggregate<{ bytes: number }>([
        { $match: { 'metadata.patient': patient } },
        { $group: { _id: null, bytes: { $sum: '$length' } } },
      ])
      .toArray();
    return sum?.bytes ?? 0;
  }

  /** Ids of what has segments and is no file. */
  async unpublished(): Promise<string[]> {
    const ids = await this.#segments.distinct('files_id', { n: 0 });
    const files = await this.#files.find({ _id: { $in: ids } }, { projection: { _id: 1 } }).toArray();
    const published = new Set(files.map(({ _id }) => _id));
    return ids.filter((id) => !published.has(id));
  }

  /** Leaves nothing of it. */
  async remove(id: string): Promise<void> {
    await this.#files.deleteOne({ _id: id });
    await this.#segments.deleteMany({ files_id: id });
  }

  /** The indexes that the specification of GridFS asks for, and one for {@link stored}. */
  async #createIndexes(): Promise<void> {
    await this.#segments.createIndex({ files_id: 1, n: 1 }, { unique: true }, {});
    await this.#files.createIndex({ filename: 1, uploadDate: 1 }, {}, {});
    await this.#files.createIndex({ 'metadata.patient': 1 }, {}, {});
  }
}

/** The database of files that belongs to the one of a connection. */
export function filesDatabase(connection: Connection): mongo.Db {
  return connection.getClient().db(`${connection.name}_files`);
}

function bytesOf({ data }: Segment): Buffer {
  return Buffer.from(data.buffer.buffer, data.buffer.byteOffset, data.position);
}

function storedFile({ _id: id, length, metadata: { patient } }: FileDocument): StoredFile {
  return { id, length, patient };
}
