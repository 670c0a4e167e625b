import { type KeyObject } from 'node:crypto';
import { type SubgraphServices, type SuitePlace } from '@medigraph/platform/graph';
import { claims } from '@medigraph/schema';
import { type RotationDocument } from './key-rotations.js';
import { institutionOf, type KeySource, openContentKey, signerOf } from './owned-keys.js';
import { type Seals } from './seals.js';

/** A key of a claim, and the channel that it is on. */
export interface ClaimKey extends claims.KeyOfClaim {
  readonly place: SuitePlace;
}

interface ClaimKeysOptions {
  readonly services: Pick<SubgraphServices, 'ledger' | 'custody' | 'envelopes'>;
  readonly seals: Pick<Seals, 'claimsOf'>;
}

/** The keys of claims to whose parties the owner belongs. */
export class ClaimKeys implements KeySource<ClaimKey> {
  readonly #options: ClaimKeysOptions;

  constructor(options: ClaimKeysOptions) {
    this.#options = options;
  }

  /** A page is of one channel. */
  async *pagesOf(owner: RotationDocument): AsyncGenerator<readonly ClaimKey[]> {
    const { services, seals } = this.#options;
    for await (const { place, claims: ids } of seals.claimsOf(owner._id, claims.maxClaimKeys)) {
      const argument = { ...institutionOf(owner), claims: ids };
      const keys = await services.ledger.evaluate<claims.KeyOfClaim[]>(
        await this.#call(owner, place, 'KeysOf', argument),
      );
      yield keys.map((key) => ({ ...key, place }));
    }
  }

  open(key: ClaimKey, privateKeys: readonly KeyObject[]): Promise<Uint8Array | undefined> {
    return openContentKey(this.#options.services.envelopes, key, privateKeys);
  }

  async replace(owner: RotationDocument, keys: readonly ClaimKey[], left: number): Promise<void> {
    const [first] = keys;
    if (first === undefined) return;
    const replaced = keys.map(({ claim, key }) => ({ claim, key }));
    const argument = { ...institutionOf(owner), keys: replaced, left };
    await this.#options.services.ledger.submit<unknown>(
      await this.#call(owner, first.place, 'RewrapKeys', argument),
    );
  }

  async #call(
    owner: RotationDocument,
    { channel, chaincode }: SuitePlace,
    transaction: 'KeysOf' | 'RewrapKeys',
    argument: object,
  ) {
    const signer = await signerOf(this.#options.services.custody, owner);
    return { channel, chaincode, contract: 'Claims', transaction, argument, signer };
  }
}
