/** Discloses keys in emergencies, for the custodians whose private keys this platform keeps. */
import { unwrapWithAny } from '@medigraph/platform/envelope';
import { knownEvent, maxKeys, placeOf, type SubgraphServices } from '@medigraph/platform/graph';
import { PlatformError } from '@medigraph/platform/errors';
import { type LedgerIdentity } from '@medigraph/platform/ledger';
import { persevere, type Projector } from '@medigraph/platform/projection';
import { type care } from '@medigraph/schema';
import { type ConsentBook } from './read-model.js';

type Access = Pick<care.EmergencyAccess, 'id' | 'custodian' | 'custodianMspId' | 'institution' | 'expiresAt'>;
interface Page {
  readonly items: readonly { readonly entry: string; readonly key: string }[];
  readonly bookmark?: string;
}

const pageSize = 500;
const broken = new Set(['GlassBroken'] as const);

/** What only says that the emergency is over, or that somebody else's it is. */
const conclusive: ReadonlySet<string> = new Set(['EMERGENCY_STATE_INVALID', 'EMERGENCY_NOT_FOUND']);

/**
 * Follows the ledger for broken glass. Of each emergency whose custodian's key is kept here, it takes the keys that the
 * patient let the custodian keep, wraps them for the institution that broke the glass, and puts them on the ledger as the
 * custodian. Doing so twice, as two instances do, comes to the same.
 */
export class Custodian {
  readonly #services: SubgraphServices;
  readonly #projector: Projector;
  readonly #book: ConsentBook;
  readonly #stopped = new AbortController();
  readonly #disclosing = new Map<string, Promise<unknown>>();
  #following: Promise<void> | undefined;

  constructor(services: SubgraphServices, projector: Projector, book: ConsentBook) {
    this.#services = services;
    this.#projector = projector;
    this.#book = book;
  }

  /** Begins with what may have been left undone: every emergency that is not over. */
  start(): void {
    this.#following = this.#follow().catch((err: unknown) => {
      if (!this.#stopped.signal.aborted) this.#services.logger.error({ err }, 'the custodian has stopped');
    });
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.#following;
    await Promise.all(this.#disclosing.values());
  }

  async #follow(): Promise<void> {
    const { signal } = this.#stopped;
    const events = this.#projector.events({ channels: this.#book.channels, signal });
    const undone = await this.#book.emergencies
      .find({ expiresAt: { $gt: new Date().toISOString() } })
      .lean()
      .exec();
    for (const { _id: id, ...access } of undone) this.#take({ ...access, id });
    for await (const { event } of events) {
      const known = knownEvent(event, broken);
      if (known) this.#take(known.item);
    }
  }

  #take(access: Access): void {
    if (this.#disclosing.has(access.id)) return;
    const work = this.#persist(access).finally(() => this.#disclosing.delete(access.id));
    this.#disclosing.set(access.id, work);
  }

  /** Until it is done, the emergency is over, or the custodian stops. */
  async #persist(access: Access): Promise<void> {
    const { logger } = this.#services;
    await persevere(
      async () => {
        if (Date.parse(access.expiresAt) <= Date.now()) return;
        try {
          const disclosed = await this.#disclose(access);
          if (disclosed !== undefined)
            logger.info({ emergency: access.id, disclosed }, 'keys disclosed in an emergency');
        } catch (error) {
          if (!(error instanceof PlatformError && conclusive.has(error.code))) throw error;
        }
      },
      this.#stopped.signal,
      (err) => logger.warn({ err, emergency: access.id }, 'keys could not be disclosed; trying again'),
    );
  }

  /** @returns how many; undefined if the custodian's key is kept elsewhere. */
  async #disclose({ id, custodian, custodianMspId, institution }: Access): Promise<number | undefined> {
    const { custody, envelopes } = this.#services;
    const privateKeys = await custody.decryptionKeys(custodian);
    if (privateKeys.length === 0) return undefined;
    const signer = await custody.organization(custodianMspId);
    const { encryptionKey } = await this.#evaluate<care.Institution>(signer, 'Registration', 'Resolve', {
      institution,
    });
    const recipient = { id: institution, key: encryptionKey };
    const rewrap = async (key: string): Promise<string> =>
      envelopes.wrap(await unwrapWithAny(envelopes, key, privateKeys), recipient);
    let disclosed = 0;
    let bookmark: string | undefined;
    do {
      const page: Page = await this.#evaluate<Page>(signer, 'Emergency', 'KeysToDisclose', {
        emergency: id,
        pageSize: Math.min(pageSize, maxKeys),
        ...(bookmark !== undefined && { bookmark }),
      });
      const keys: { entry: string; key: string }[] = [];
      for (const { entry, key } of page.items) keys.push({ entry, key: await rewrap(key) });
      if (keys.length > 0) await this.#submit(signer, { emergency: id, keys });
      disclosed += keys.length;
      bookmark = page.bookmark;
    } while (bookmark !== undefined);
    return disclosed;
  }

  #evaluate<T>(signer: LedgerIdentity, contract: string, transaction: string, argument: object): Promise<T> {
    return this.#services.ledger.evaluate<T>({ ...this.#place, contract, transaction, argument, signer });
  }

  async #submit(signer: LedgerIdentity, argument: object): Promise<void> {
    await this.#services.ledger.submit({
      ...this.#place,
      contract: 'Emergency',
      transaction: 'DiscloseKeys',
      argument,
      signer,
    });
  }

  get #place(): { channel: string; chaincode: string } {
    const { channel, chaincode } = placeOf(this.#services.network, 'care');
    return { channel, chaincode };
  }
}
