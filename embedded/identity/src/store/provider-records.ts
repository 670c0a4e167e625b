import { type Adapter, type AdapterPayload, errors } from 'oidc-provider';
import { type ClientStore } from '../clients/client-store.js';
import { type Path, type SealedLevel } from './sealed-level.js';

interface Member {
  readonly model: string;
  readonly id: string;
}

/**
 * What `oidc-provider` keeps (sessions, grants, codes, refresh tokens), in the store; one of these for each of its
 * models. Clients come from their own store.
 */
export class ProviderRecords implements Adapter {
  readonly #store: SealedLevel;
  readonly #clients: ClientStore;
  readonly #model: string;

  constructor(store: SealedLevel, clients: ClientStore, model: string) {
    this.#store = store;
    this.#clients = clients;
    this.#model = model;
  }

  async upsert(id: string, payload: AdapterPayload, lifetime?: number): Promise<void> {
    const { grantId, userCode, uid } = payload;
    await this.#store.write(
      { path: this.#path(id), value: payload, lifetime },
      ...(grantId === undefined
        ? []
        : [
            {
              path: ['grant', grantId, this.#model, id] as Path,
              value: { model: this.#model, id },
              lifetime,
            },
          ]),
      ...(userCode === undefined ? [] : [{ path: ['user-code', userCode] as Path, value: id, lifetime }]),
      ...(uid === undefined ? [] : [{ path: ['uid', this.#model, uid] as Path, value: id, lifetime }]),
    );
  }

  async find(id: string): Promise<AdapterPayload | undefined> {
    if (this.#model === 'Client') return this.#clients.metadataOf(id);
    return (await this.#store.get(this.#path(id))) as AdapterPayload | undefined;
  }

  async findByUserCode(userCode: string): Promise<AdapterPayload | undefined> {
    return this.#found(['user-code', userCode]);
  }

  async findByUid(uid: string): Promise<AdapterPayload | undefined> {
    return this.#found(['uid', this.#model, uid]);
  }

  /**
   * Marks as used, once. Two requests with one code or refresh token may both have found it unused; the second is
   * refused, and as after any other second use the whole grant ends.
   */
  async consume(id: string): Promise<void> {
    const grantId = await this.#store.exclusively(async () => {
      const payload = await this.find(id);
      if (!payload || payload.consumed !== undefined) return payload?.grantId ?? '';
      const now = Math.floor(Date.now() / 1000);
      const lifetime = payload.exp === undefined ? undefined : payload.exp - now;
      await this.#store.write({ path: this.#path(id), value: { ...payload, consumed: now }, lifetime });
      return undefined;
    });
    if (grantId === undefined) return;
    await this.revokeByGrantId(grantId);
    await this.#store.write({ path: ['oidc', 'Grant', grantId] });
    throw new errors.InvalidGrant('already used');
  }

  async destroy(id: string): Promise<void> {
    await this.#store.write({ path: this.#path(id) });
  }

  async revokeByGrantId(grantId: string): Promise<void> {
    for await (const { model, id } of this.#store.list(['grant', grantId]) as AsyncIterable<Member>) {
      await this.#store.write({ path: ['oidc', model, id] }, { path: ['grant', grantId, model, id] });
    }
  }

  #path(id: string): Path {
    return ['oidc', this.#model, id];
  }

  async #found(index: Path): Promise<AdapterPayload | undefined> {
    const id = await this.#store.get(index);
    return typeof id === 'string' ? this.find(id) : undefined;
  }
}
