/** Packages of DApps, by the SHA-256 of their bytes: what the ledger names, kept beside it. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { type Connection, mongo } from 'mongoose';
import { filesDatabase } from '../files/index.js';
import {
  PackageQuotaExceededError,
  PackagesBusyError,
  PackageTamperedError,
  PackageTooLargeError,
} from './errors.js';

/** A package that is kept. */
export interface StoredPackage {
  /** Of all its bytes, in hex. */
  readonly sha256: string;
  /** In bytes. */
  readonly size: number;
}

/** A package that is sent. */
export interface SentPackage {
  readonly sha256: string;
  /** Whose quota it counts in. */
  readonly owner: string;
  /** Size, where the sender says one: what is too large is refused before it is read. */
  readonly announced?: number;
}

interface PackageDocument {
  readonly _id: string;
  readonly size: number;
  /** In GridFS. */
  readonly file: mongo.ObjectId;
  /** Absent in packages of before there were quotas. */
  readonly owner?: string;
  /** When it was sent, or asked for to be published. */
  readonly wantedAt?: Date;
}

/** @see PackageStore */
export interface PackageStoreOptions {
  /** Of the read models: packages are in a database beside theirs, which no rebuild touches. */
  readonly connection: Connection;
  /** Most bytes of one. */
  readonly packageBytes: number;
  /** Most bytes of all packages of one owner; without bound unless given. */
  readonly ownerBytes?: number;
  /** Most uploads at a time; 4. */
  readonly uploadsAtOnce?: number;
}

/** What a sweep removed. */
export interface PackageSweep {
  /** Uploads that were never completed. */
  readonly broken: number;
  /** Packages that were sent and never published. */
  readonly unpublished: number;
}

/** @see PackageStore.sweep */
export interface PackageSweepOptions {
  /** Those of these digests that the ledger names. */
  readonly published: (digests: readonly string[]) => Promise<ReadonlySet<string>>;
  /** Milliseconds after which an upload is broken; an hour. */
  readonly brokenAfterMs?: number;
  /** Milliseconds after which nobody publishes a package any more; a week. */
  readonly unpublishedAfterMs?: number;
}

const duplicateKey = 11_000;
const hourMs = 3_600_000;
const weekMs = 7 * 24 * hourMs;
/** Packages that are looked at together. */
const sweptAtOnce = 100;

/** Keeps packages in GridFS. A package is there once all of it has come and its digest is right; until then nothing is. */
export class PackageStore {
  readonly #bucket: mongo.GridFSBucket;
  readonly #files: mongo.Collection;
  readonly #chunks: mongo.Collection<{ readonly files_id: mongo.ObjectId }>;
  readonly #packages: mongo.Collection<PackageDocument>;
  readonly #packageBytes: number;
  readonly #ownerBytes: number;
  readonly #uploadsAtOnce: number;
  #uploads = 0;
  /** One package after the other is counted and kept, so that two at once do not fill the same room. */
  #registering: Promise<unknown> = Promise.resolve();

  constructor({
    connection,
    packageBytes,
    ownerBytes = Number.POSITIVE_INFINITY,
    uploadsAtOnce = 4,
  }: PackageStoreOptions) {
    const database = filesDatabase(connection);
    this.#bucket = new mongo.GridFSBucket(database, { bucketName: 'package_files' });
    this.#files = database.collection('package_files.files');
    this.#chunks = database.collection('package_files.chunks');
    this.#packages = database.collection('packages');
    this.#packageBytes = packageBytes;
    this.#ownerBytes = ownerBytes;
    this.#uploadsAtOnce = uploadsAtOnce;
  }

  async find(sha256: string): Promise<StoredPackage | undefined> {
    const found = await this.#packages.findOne({ _id: sha256 });
    return found === null ? undefined : { sha256, size: found.size };
  }

  /** {@link find}, of one that is to be published now: no sweep removes it before it is. */
  async want(sha256: string): Promise<StoredPackage | undefined> {
    const found = await this.#packages.findOneAndUpdate({ _id: sha256 }, { $set: { wantedAt: new Date() } });
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
   * @throws {@link PackageTooLargeError}, {@link PackageQuotaExceededError}, {@link PackageTamperedError}, {@link PackagesBusyError}
   */
  async put(
    { sha256, owner, announced = 0 }: SentPackage,
    bytes: AsyncIterable<Uint8Array>,
  ): Promise<StoredPackage> {
    if (announced > this.#packageBytes) throw new PackageTooLargeError(this.#packageBytes);
    if (this.#uploads >= this.#uploadsAtOnce) throw new PackagesBusyError();
    this.#uploads += 1;
    try {
      const room = this.#ownerBytes - (await this.#keptOf(owner));
      this.#demandRoom(announced, room);
      return await this.#receive(sha256, owner, bytes, room);
    } finally {
      this.#uploads -= 1;
    }
  }

  /** Removes what is left of uploads that broke off with their process, and packages that nobody published. */
  async sweep({
    published,
    brokenAfterMs = hourMs,
    unpublishedAfterMs = weekMs,
  }: PackageSweepOptions): Promise<PackageSweep> {
    const unpublished = await this.#sweepUnpublished(published, new Date(Date.now() - unpublishedAfterMs));
    const broken = await this.#sweepBroken(new Date(Date.now() - brokenAfterMs));
    return { broken, unpublished };
  }

  async #sweepUnpublished(published: PackageSweepOptions['published'], before: Date): Promise<number> {
    let removed = 0;
    let after = '';
    for (;;) {
      const old = { _id: { $gt: after }, wantedAt: { $lt: before } };
      const found = await this.#packages.find(old).sort({ _id: 1 }).limit(sweptAtOnce).toArray();
      if (found.length === 0) return removed;
      const kept = await published(found.map(({ _id }) => _id));
      for (const { _id, file } of found) {
        if (kept.has(_id)) continue;
        // Unless somebody wants it since it was found.
        const { deletedCount } = await this.#packages.deleteOne({ _id, wantedAt: { $lt: before } });
        if (deletedCount === 0) continue;
        await this.#bucket.delete(file);
        removed += 1;
      }
      after = found.at(-1)?._id ?? after;
    }
  }

  /** Chunks come before their file, and the file before its package: what has no package after so long, will have none. */
  async #sweepBroken(before: Date): Promise<number> {
    const old = { $lt: mongo.ObjectId.createFromTime(Math.floor(before.getTime() / 1000)) };
    const [ofChunks, ofFiles] = await Promise.all([
      this.#chunks.distinct('files_id', { files_id: old }),
      this.#files.distinct('_id', { _id: old }),
    ]);
    const ids = new Map([...ofChunks, ...ofFiles].map((id) => [id.toHexString(), id]));
    let removed = 0;
    for (const id of ids.values()) {
      if ((await this.#packages.findOne({ file: id })) !== null) continue;
      await this.#files.deleteOne({ _id: id });
      await this.#chunks.deleteMany({ files_id: id });
      removed += 1;
    }
    return removed;
  }

  async #keptOf(owner: string): Promise<number> {
    if (this.#ownerBytes === Number.POSITIVE_INFINITY) return 0;
    const [sum] = await this.#packages
      .aggregate<{ readonly bytes: number }>([
        { $match: { owner } },
        { $group: { _id: null, bytes: { $sum: '$size' } } },
      ])
      .toArray();
    return sum?.bytes ?? 0;
  }

  #demandRoom(size: number, room: number): void {
    if (size > room) throw new PackageQuotaExceededError(this.#ownerBytes);
  }

  async #receive(
    sha256: string,
    owner: string,
    bytes: AsyncIterable<Uint8Array>,
    room: number,
  ): Promise<StoredPackage> {
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
        this.#demandRoom(size, room);
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
    const document = { _id: sha256, size, file: file.id, owner, wantedAt: new Date() };
    const registered = this.#registering.then(() => this.#register(document));
    this.#registering = registered.catch(() => undefined);
    await registered;
    return { sha256, size };
  }

  /** Of two that sent the same at once, the first one's bytes stay. */
  async #register(document: PackageDocument & { readonly owner: string }): Promise<void> {
    try {
      this.#demandRoom(document.size, this.#ownerBytes - (await this.#keptOf(document.owner)));
      await this.#packages.insertOne(document);
    } catch (error) {
      await this.#bucket.delete(document.file);
      if (!(error instanceof mongo.MongoServerError && error.code === duplicateKey)) throw error;
    }
  }
}
