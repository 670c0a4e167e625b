import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto';
import { ClassicLevel } from 'classic-level';
import { IdentityStartError, IdentityUnreadableError, reasonOf } from '../errors.js';
import { type SecretKeys } from './secret-keys.js';

/** Where something is kept: what kind of thing, then its names, of which none is readable on disk. */
export type Path = readonly [kind: string, ...names: string[]];

/** One write of a batch, which happens whole or not at all; without a value it removes. */
export interface Write {
  readonly path: Path;
  readonly value?: unknown;
  /** Seconds after which it is gone; kept for good if not given. */
  readonly lifetime?: number | undefined;
}

interface Sealed {
  readonly value: unknown;
  /** Milliseconds since the epoch. */
  readonly expiresAt?: number;
}

const nonceBytes = 12;
const tagBytes = 16;
const sweepMs = 60_000;
const sweepMost = 10_000;
/** What indexes begin with; kinds do not. */
const expiryIndex = '~expiry';

/**
 * Values on disk, each encrypted and authenticated with AES-256-GCM and bound to its place; written through before a
 * write returns, so that a killed process loses nothing that it said. What has run out is as good as gone, and swept.
 */
export class SealedLevel {
  readonly #level: ClassicLevel<string, Buffer>;
  readonly #sealing: Buffer;
  readonly #naming: Buffer;
  readonly #sweeper: NodeJS.Timeout;
  #last: Promise<unknown> = Promise.resolve();

  private constructor(level: ClassicLevel<string, Buffer>, keys: SecretKeys) {
    this.#level = level;
    this.#sealing = keys.sealing;
    this.#naming = keys.naming;
    this.#sweeper = setInterval(() => void this.sweep(), sweepMs).unref();
  }

  /** @throws {@link IdentityStartError} if another process has it; {@link IdentityUnreadableError} if the key is another. */
  static async open(folder: string, keys: SecretKeys): Promise<SealedLevel> {
    const level = new ClassicLevel<string, Buffer>(folder, { valueEncoding: 'buffer' });
    try {
      await level.open();
    } catch (error) {
      const cause = error instanceof Error ? error.cause : undefined;
      throw new IdentityStartError(`${folder} cannot be opened: ${reasonOf(cause ?? error)}`, {
        cause: error,
      });
    }
    const store = new SealedLevel(level, keys);
    try {
      // Names depend on the key, so that with another one nothing would be found and nothing refused.
      const check = await level.get('~check');
      if (check) store.#unseal('~check', check);
      else await level.put('~check', store.#seal('~check', { value: 'medigraph' }), { sync: true });
      return store;
    } catch (error) {
      await store.close();
      throw error;
    }
  }

  /** What is kept there; undefined if nothing is, or it has run out. */
  async get(path: Path): Promise<unknown> {
    const key = this.#keyOf(path);
    const sealed = await this.#level.get(key);
    return sealed && valueOf(this.#unseal(key, sealed));
  }

  /** Everything whose path begins so. */
  async *list(path: Path): AsyncGenerator {
    const prefix = `${this.#keyOf(path)}!`;
    for await (const [key, sealed] of this.#level.iterator({ gt: prefix, lt: `${prefix}~` })) {
      const value = valueOf(this.#unseal(key, sealed));
      if (value !== undefined) yield value;
    }
  }

  async write(...writes: readonly Write[]): Promise<void> {
    const batch = this.#level.batch();
    for (const { path, value, lifetime } of writes) {
      const key = this.#keyOf(path);
      if (value === undefined) {
        batch.del(key);
        continue;
      }
      const expiresAt = lifetime === undefined ? undefined : Date.now() + lifetime * 1000;
      batch.put(key, this.#seal(key, { value, expiresAt }));
      if (expiresAt !== undefined) batch.put(`${expiryKey(expiresAt)}!${key}`, Buffer.from(key));
    }
    await batch.write({ sync: true });
  }

  /** Runs tasks that read and then write one after another, so that none sees what another is about to change. */
  exclusively<T>(task: () => Promise<T>): Promise<T> {
    const result = this.#last.then(task);
    this.#last = result.catch(() => undefined);
    return result;
  }

  /** Removes what has run out. */
  async sweep(): Promise<void> {
    await this.exclusively(async () => {
      const gone: { type: 'del'; key: string }[] = [];
      const until = `${expiryKey(Date.now())}!`;
      for await (const [index, key] of this.#level.iterator({
        gt: `${expiryIndex}!`,
        lt: until,
        limit: sweepMost,
      })) {
        gone.push({ type: 'del', key: index });
        const name = key.toString();
        const sealed = await this.#level.get(name);
        // It may have been written again with a later end.
        if (sealed && valueOf(this.#unseal(name, sealed)) === undefined)
          gone.push({ type: 'del', key: name });
      }
      await this.#level.batch(gone);
    });
  }

  async close(): Promise<void> {
    clearInterval(this.#sweeper);
    await this.#last;
    await this.#level.close();
  }

  #keyOf([kind, ...names]: Path): string {
    return [kind, ...names.map((name) => this.#hidden(name))].join('!');
  }

  #hidden(name: string): string {
    return createHmac('sha256', this.#naming).update(name).digest('base64url');
  }

  #seal(key: string, sealed: Sealed): Buffer {
    const nonce = randomBytes(nonceBytes);
    const cipher = createCipheriv('aes-256-gcm', this.#sealing, nonce).setAAD(Buffer.from(key));
    return Buffer.concat([nonce, cipher.update(JSON.stringify(sealed)), cipher.final(), cipher.getAuthTag()]);
  }

  #unseal(key: string, sealed: Buffer): Sealed {
    try {
      const decipher = createDecipheriv('aes-256-gcm', this.#sealing, sealed.subarray(0, nonceBytes), {
        authTagLength: tagBytes,
      });
      decipher.setAAD(Buffer.from(key)).setAuthTag(sealed.subarray(-tagBytes));
      const opened = Buffer.concat([
        decipher.update(sealed.subarray(nonceBytes, -tagBytes)),
        decipher.final(),
      ]);
      return JSON.parse(opened.toString()) as Sealed;
    } catch (error) {
      throw new IdentityUnreadableError('what is kept does not open: the key is another, or it is damaged', {
        cause: error,
      });
    }
  }
}

const valueOf = ({ value, expiresAt }: Sealed): unknown =>
  expiresAt === undefined || expiresAt > Date.now() ? value : undefined;

/** Sorts by time. */
const expiryKey = (milliseconds: number): string =>
  `${expiryIndex}!${Math.ceil(milliseconds).toString(16).padStart(14, '0')}`;
