/** How the keys of patients' entries come to be wrapped for the encryption keys that have followed. */
import { createPublicKey, type KeyObject } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { KeyUnwrapError, unwrapWithAny } from '@medigraph/platform/envelope';
import { maxKeys, placeOf, type SubgraphServices } from '@medigraph/platform/graph';
import { type Caller } from '@medigraph/platform/identity';
import { type TransactionRequest } from '@medigraph/platform/ledger';
import { type care } from '@medigraph/schema';
import { type EntryIndex } from '../read-model.js';
import { keyOf, type KeyRotations, type RotationDocument } from './key-rotations.js';
import { type ProgressStore, type RewrapProgress } from './progress-store.js';

interface RewrappingOptions {
  readonly services: Pick<SubgraphServices, 'ledger' | 'custody' | 'envelopes' | 'network' | 'logger'>;
  readonly rotations: KeyRotations;
  readonly index: EntryIndex;
  readonly progress: ProgressStore;
  /** Milliseconds from one look at what is to be done to the next; 2,000. */
  readonly everyMs?: number;
  /** Keys that one transaction replaces; as many as it carries. */
  readonly batch?: number;
}

interface Page {
  readonly items: readonly care.OwnKey[];
  readonly bookmark?: string;
}

/**
 * Rewraps in the background for patients whose keys are kept here. What is to be done is what the ledger shows: a key that
 * the newest private key opens is done, and any other is not. So it may be cut off anywhere, begun again from the start,
 * and done by two servers at once.
 */
export class KeyRewrapping {
  readonly #options: RewrappingOptions;
  readonly #abort = new AbortController();
  /** Before this block, nobody is left to look at. */
  #from = 0;
  #running: Promise<void> = Promise.resolve();

  constructor(options: RewrappingOptions) {
    this.#options = options;
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
      const done = await this.#rewrap(rotation).catch((err: unknown) => {
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

  /** Whether nothing is left to do for a patient. */
  async #rewrap(rotation: RotationDocument): Promise<boolean> {
    const { services, index, progress } = this.#options;
    const { _id: patient } = rotation;
    const key = keyOf(rotation);
    const told = await progress.of(patient, key);
    if (told?.endedAt !== undefined) return true;
    const privateKeys = await services.custody.decryptionKeys(patient);
    const [newest] = privateKeys;
    // Patients who keep their keys themselves rewrap themselves.
    if (newest === undefined) return true;
    // The ledger is ahead of custody, which is about to follow.
    if (!isPair(newest, rotation)) return false;
    let now: RewrapProgress = {
      total: await index.entries.countDocuments({ patient }),
      rewrapped: 0,
      unreadable: 0,
      startedAt: told?.startedAt ?? new Date().toISOString(),
    };
    for await (const { items } of this.#pages(rotation)) {
      const unreadable = await this.#rewrapPage(rotation, items, privateKeys);
      now = {
        ...now,
        rewrapped: now.rewrapped + items.length - unreadable,
        unreadable: now.unreadable + unreadable,
      };
      now = { ...now, total: Math.max(now.total, now.rewrapped + now.unreadable) };
      await progress.put(patient, key, now);
      if (this.#abort.signal.aborted) return false;
    }
    const total = now.rewrapped + now.unreadable;
    await progress.put(patient, key, { ...now, total, endedAt: new Date().toISOString() });
    return true;
  }

  async *#pages(rotation: RotationDocument): AsyncGenerator<Page> {
    const { services, batch: pageSize = maxKeys } = this.#options;
    let bookmark: string | undefined;
    do {
      const argument = { pageSize, ...(bookmark !== undefined && { bookmark }) };
      const page: Page = await services.ledger.evaluate(await this.#call(rotation, 'OwnKeysOf', argument));
      yield page;
      bookmark = page.bookmark;
    } while (bookmark !== undefined && bookmark !== '');
  }

  /** @returns how many keys nothing opens. */
  async #rewrapPage(
    rotation: RotationDocument,
    items: readonly care.OwnKey[],
    privateKeys: readonly KeyObject[],
  ): Promise<number> {
    const { envelopes, ledger, logger } = this.#options.services;
    const { _id: patient, x, y } = rotation;
    const recipient = { id: patient, key: { kty: 'EC', crv: 'P-256', x, y, kid: patient } as const };
    const keys: { patient: string; entry: string; key: string }[] = [];
    let unreadable = 0;
    for (const { entry, key: wrapped } of items) {
      if (await this.#opens(wrapped, privateKeys.slice(0, 1))) continue;
      const contentKey = await this.#opens(wrapped, privateKeys.slice(1));
      if (contentKey) keys.push({ patient, entry, key: await envelopes.wrap(contentKey, recipient) });
      else unreadable += 1;
    }
    if (unreadable > 0) logger.error({ patient, unreadable }, 'keys that nothing opens are not rewrapped');
    if (keys.length > 0) await ledger.submit<unknown>(await this.#call(rotation, 'RewrapKeys', { keys }));
    return unreadable;
  }

  async #opens(wrapped: string, privateKeys: readonly KeyObject[]): Promise<Uint8Array | undefined> {
    try {
      return await unwrapWithAny(this.#options.services.envelopes, wrapped, privateKeys);
    } catch (error) {
      if (error instanceof KeyUnwrapError) return undefined;
      throw error;
    }
  }

  async #call(
    { _id: patient, mspId }: RotationDocument,
    transaction: string,
    argument: object,
  ): Promise<TransactionRequest> {
    const { custody, network } = this.#options.services;
    const { channel, chaincode } = placeOf(network, 'care');
    const caller: Caller = {
      subject: patient,
      role: 'patient',
      mspId,
      patient,
      scopes: new Set(),
      expiresAt: 0,
    };
    const signer = await custody.signerFor(caller);
    return { channel, chaincode, contract: 'Records', transaction, argument, signer };
  }
}

function isPair(privateKey: KeyObject, { x, y }: RotationDocument): boolean {
  const key = createPublicKey(privateKey).export({ format: 'jwk' });
  return key.x === x && key.y === y;
}
