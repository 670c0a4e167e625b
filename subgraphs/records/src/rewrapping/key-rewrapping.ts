/** How keys come to be wrapped for the encryption keys that have followed, and the former ones come to be destroyed. */
import { createPublicKey, type KeyObject } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { type Relations, type SubgraphServices } from '@medigraph/platform/graph';
import { ClaimKeys } from './claim-keys.js';
import { EntryKeys } from './entry-keys.js';
import { GuardianShares } from './guardian-shares.js';
import { keyOf, type KeyRotations, type RotationDocument } from './key-rotations.js';
import { type KeySource, type OwnedKey } from './owned-keys.js';
import { type ProgressStore, type RewrapProgress } from './progress-store.js';
import { type Seals } from './seals.js';

interface RewrappingOptions {
  readonly services: Pick<SubgraphServices, 'ledger' | 'custody' | 'envelopes' | 'network' | 'logger'>;
  readonly rotations: KeyRotations;
  readonly relations: Pick<Relations, 'relationships'>;
  readonly seals: Pick<Seals, 'claimsOf' | 'patientsGuardedBy'>;
  readonly progress: ProgressStore;
  /** Milliseconds from one look at what is to be done to the next; 2,000. */
  readonly everyMs?: number;
  /**
   * Milliseconds from a rotation to the look after which the former keys are destroyed; an hour. Until then somebody who
   * asked for the public key before it may still write something that is wrapped for it. As long after the start, too: read
   * models that are being rebuilt do not yet say all that there is to look at.
   */
  readonly settleMs?: number;
  /** Keys that one transaction replaces; as many as it carries. */
  readonly batch?: number;
}

const hourMs = 3_600_000;

/**
 * Rewraps in the background for patients and institutions whose keys are kept here: what they hold, what was granted
 * them, their claims, and the shares that they have as guardians. What is to be done is what the ledger shows: a key that the newest private key opens is done, and any other is
 * not. So it may be cut off anywhere, begun again from the start, and done by two servers at once.
 */
export class KeyRewrapping {
  readonly #options: RewrappingOptions;
  readonly #sources: readonly KeySource[];
  readonly #startedAt = Date.now();
  readonly #abort = new AbortController();
  /** Before this block, nobody is left to look at. */
  #from = 0;
  #running: Promise<void> = Promise.resolve();

  constructor(options: RewrappingOptions) {
    this.#options = options;
    this.#sources = [new EntryKeys(options), new ClaimKeys(options), new GuardianShares(options)];
  }

  start(): this {
    this.#running = this.#passes();
    return this;
  }

  async stop(): Promise<void> {
    this.#abort.abort();
    await this.#running;
  }

  /** Looks once at everybody whose key has been followed, and does what is left to do. */
  async pass(): Promise<void> {
    const { rotations, services } = this.#options;
    let from: number | undefined;
    let last = this.#from;
    const waiting = rotations.rotations.find({ block: { $gte: this.#from } }).sort({ block: 1 });
    for await (const rotation of waiting.lean<RotationDocument[]>().cursor()) {
      if (this.#abort.signal.aborted) return;
      last = rotation.block;
      const done = await this.#follow(rotation).catch((err: unknown) => {
        services.logger.warn({ err }, 'keys are not all rewrapped yet');
        return false;
      });
      if (!done) from ??= rotation.block;
    }
    this.#from = from ?? last;
  }

  async #passes(): Promise<void> {
    const { everyMs = 2_000, services } = this.#options;
    const { signal } = this.#abort;
    while (!signal.aborted) {
      try {
        await this.pass();
      } catch (err) {
        services.logger.warn({ err }, 'looking for keys to rewrap broke off');
      }
      await pause(everyMs, undefined, { signal, ref: false }).catch(() => undefined);
    }
  }

  /** Whether nothing is left to do for an owner. */
  async #follow(rotation: RotationDocument): Promise<boolean> {
    const { services, progress, settleMs = hourMs } = this.#options;
    const { _id: owner } = rotation;
    const key = keyOf(rotation);
    const told = await progress.of(owner, key);
    if (told?.settledAt !== undefined) return true;
    const since = Math.max(Date.parse(rotation.rotatedAt), this.#startedAt);
    const settled = Date.now() >= since + settleMs;
    if (told?.endedAt !== undefined && !settled) return false;
    const privateKeys = await services.custody.decryptionKeys(owner);
    const [newest] = privateKeys;
    // Who keeps their keys themselves rewraps themselves.
    if (newest === undefined) return true;
    // The ledger is ahead of custody, which is about to follow.
    if (!isPair(newest, rotation)) return false;
    const done = await this.#rewrap(rotation, privateKeys, told);
    if (!done) return false;
    const ended = { ...done, endedAt: told?.endedAt ?? new Date().toISOString() };
    if (!settled) {
      await progress.put(owner, key, ended);
      return false;
    }
    const needed = done.unreadable > 0;
    if (!needed) await services.custody.discardFormerKeys(owner, newest);
    await progress.put(owner, key, { ...ended, settledAt: new Date().toISOString(), discarded: !needed });
    return true;
  }

  /** Undefined if it was stopped. */
  async #rewrap(
    rotation: RotationDocument,
    privateKeys: readonly KeyObject[],
    told: RewrapProgress | undefined,
  ): Promise<RewrapProgress | undefined> {
    const { progress } = this.#options;
    let total = 0;
    for await (const { items } of this.#pagesOf(rotation)) total += items.length;
    const startedAt = told?.startedAt ?? new Date().toISOString();
    let now: RewrapProgress = { total, rewrapped: 0, unreadable: 0, startedAt };
    for await (const { source, items } of this.#pagesOf(rotation)) {
      if (this.#abort.signal.aborted) return undefined;
      const left = Math.max(0, now.total - now.rewrapped - now.unreadable - items.length);
      const unreadable = await this.#rewrapPage(rotation, source, items, privateKeys, left);
      const rewrapped = now.rewrapped + items.length - unreadable;
      now = { ...now, rewrapped, unreadable: now.unreadable + unreadable };
      now = { ...now, total: Math.max(now.total, now.rewrapped + now.unreadable) };
      // Looked at again, what is told stays: that it ended.
      if (told?.endedAt === undefined) await progress.put(rotation._id, keyOf(rotation), now);
    }
    return { ...now, total: now.rewrapped + now.unreadable };
  }

  async *#pagesOf(
    rotation: RotationDocument,
  ): AsyncGenerator<{ readonly source: KeySource; readonly items: readonly OwnedKey[] }> {
    for (const source of this.#sources)
      for await (const items of source.pagesOf(rotation)) yield { source, items };
  }

  /** @returns how many keys nothing opens. */
  async #rewrapPage(
    rotation: RotationDocument,
    source: KeySource,
    items: readonly OwnedKey[],
    privateKeys: readonly KeyObject[],
    left: number,
  ): Promise<number> {
    const { envelopes, logger } = this.#options.services;
    const { _id: owner, x, y } = rotation;
    const recipient = { id: owner, key: { kty: 'EC', crv: 'P-256', x, y, kid: owner } as const };
    let unreadable = 0;
    const wrapped = await Promise.all(
      items.map(async (item): Promise<OwnedKey[]> => {
        if (await source.open(item, privateKeys.slice(0, 1))) return [];
        const contentKey = await source.open(item, privateKeys.slice(1));
        if (contentKey) return [{ ...item, key: await envelopes.wrap(contentKey, recipient) }];
        unreadable += 1;
        return [];
      }),
    );
    if (unreadable > 0) logger.error({ owner, unreadable }, 'keys that nothing opens are not rewrapped');
    await source.replace(rotation, wrapped.flat(), left);
    return unreadable;
  }
}

function isPair(privateKey: KeyObject, { x, y }: RotationDocument): boolean {
  const key = createPublicKey(privateKey).export({ format: 'jwk' });
  return key.x === x && key.y === y;
}
