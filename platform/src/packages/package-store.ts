/** Packages of DApps, by the SHA-256 of their bytes: what the ledger names, kept beside it. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { type Connection, mongo } from 'mongoose';
import { filesDatabase } from '../files/index.js';
import { PackagesBusyError, PackageTamperedError, PackageTooLargeError } from './errors.js';

/** A package that is kept. */
export interface StoredPackage {
  /** Of all its bytes, in hex. */
  readonly sha256: string;
  /** In bytes. */
  readonly size: number;
}

interface PackageDocument {
  readonly _id: string;
  readonly size: number;
  /** In GridFS. */
  readonly file: mongo.ObjectId;
}

/** @see PackageStore */
export interface PackageStoreOptions {
  /** Of the read models: packages are in a database beside theirs, which no rebuild touches. */
  readonly connection: Connection;
  /** Most bytes of one. */
  readonly packageBytes: number;
  /** Most uploads at a time; 4. */
  readonly uploadsAtOnce?: number;
}

const duplicateKey = 11_000;

/** Keeps packages in GridFS. A package is there once all of it has come and its digest is right; until then nothing is. */
export class PackageStore {
  readonly #bucket: mongo.GridFSBucket;
  readonly #packages: mongo.Collection<PackageDocument>;
  readonly #packageBytes: number;
  readonly #uploadsAtOnce: number;
  #uploads = 0;

  constructor({ connection, packageBytes, uploadsAtOnce = 4 }: PackageStoreOptions) {
    const database = filesDatabase(connection);
    this.#bucket = new mongo.GridFSBucket(database, { bucketName: 'package_files' });
    this.#packages = database.collection('packages');
    this.#packageBytes = packageBytes;
    this.#uploadsAtOnce = uploadsAtOnce;
  }

  async find(sha256: string): Promise<StoredPackage | undefined> {
    const found = await this.#packages.findOne({ _id: sha256 });
    return found === null ? undefined : { sha256, size: found.size };
  }

  /** The bytes of a package, in order; undefined if it is not there. They are not hashed again. */
  async read(
    sha256: string,
  ): Promise<(StoredPackage & { readonly bytes: AsyncIterable<Buffer> }) | undefined> {
    const found = await this.#packages.findOne({ _id: sha256 });
    if (found === null) return undefined;
    return { sha256, size: found.size, bytes: this.#bucket.openDownloadStream(found.file) };
  }

  /**
   * Keeps a package. Sending it again changes nothing.
   * @param announced size, where the sender says one: what is too large is refused before it is read.
   * @throws {@link PackageTooLargeError}, {@link PackageTamperedError}, {@link PackagesBusyError}
   */
  async put(sha256: string, bytes: AsyncIterable<Uint8Array>, announced = 0): Promise<StoredPackage> {
    if (announced > this.#packageBytes) throw new PackageTooLargeError(this.#packageBytes);
    if (this.#uploads >= this.#uploadsAtOnce) throw new PackagesBusyError();
    this.#uploads += 1;
    try {
      return await this.#receive(sha256, bytes);
    } finally {
      this.#uploads -= 1;
    }
  }

  async #receive(sha256: string, bytes: AsyncIterable<Uint8Array>): Promise<StoredPackage> {
    const file = this.#bucket.openUploadStream(sha256);
    const failed = once(file, 'error').then(([error]) => {
      throw error;
    });
    failed.catch(() => undefined);
    const hash = createHash('sha256');
    let size = 0;
    try {
      for await (const chunk of bytes) {
        size += chunk.length;
        if (size > this.#packageBytes) throw new PackageTooLargeError(this.#packageBytes);
        hash.update(chunk);
        if (!file.write(chunk)) await Promise.race([once(file, 'drain'), failed]);
      }
      const found = hash.digest('hex');
      if (found !== sha256) throw new PackageTamperedError(sha256, found);
      file.end();
      await Promise.race([once(file, 'finish'), failed]);
    } catch (error) {
      await file.abort();
      throw error;
    }
    await this.#register({ _id: sha256, size, file: file.id });
    return { sha256, size };
  }

  /** Of two that sent the same at once, the first one's bytes stay. */
  async #register(document: PackageDocument): Promise<void> {
    try {
      await this.#packages.insertOne(document);
    } catch (error) {
      await this.#bucket.delete(document.file);
      if (!(error instanceof mongo.MongoServerError && error.code === duplicateKey)) throw error;
    }
  }
}
