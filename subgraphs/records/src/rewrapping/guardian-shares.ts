import { createHash, type KeyObject } from 'node:crypto';
import { KeyUnwrapError } from '@medigraph/platform/envelope';
import { placeOf, type SubgraphServices } from '@medigraph/platform/graph';
import { ContractRefusedError } from '@medigraph/platform/ledger';
import { unwrapKey } from '@medigraph/platform/wallet';
import { type care } from '@medigraph/schema';
import { type RotationDocument } from './key-rotations.js';
import { institutionOf, type KeySource, signerOf } from './owned-keys.js';
import { type Seals } from './seals.js';

/** A guardian's share of a patient's keys, wrapped for the guardian. */
export interface GuardianShare {
  readonly patient: string;
  readonly key: string;
  /** Of the share in there. */
  readonly sha256: string;
}

interface GuardianSharesOptions {
  readonly services: Pick<SubgraphServices, 'ledger' | 'custody' | 'network'>;
  readonly seals: Pick<Seals, 'patientsGuardedBy'>;
}

const digestOf = (share: Uint8Array): string => createHash('sha256').update(share).digest('hex');

/** The shares that the owner has as a guardian of patients. */
export class GuardianShares implements KeySource<GuardianShare> {
  readonly #options: GuardianSharesOptions;

  constructor(options: GuardianSharesOptions) {
    this.#options = options;
  }

  async *pagesOf(owner: RotationDocument): AsyncGenerator<readonly GuardianShare[]> {
    const { seals, services } = this.#options;
    for await (const patient of seals.patientsGuardedBy(owner._id)) {
      const call = await this.#call(owner, 'ReadShare', { ...institutionOf(owner), patient });
      const sealed = await services.ledger.evaluate<care.SealedShare>(call).catch((error: unknown) => {
        // The patient has just named others.
        if (error instanceof ContractRefusedError && error.code === 'RECOVERY_NOT_FOUND') return undefined;
        throw error;
      });
      if (sealed) yield [{ patient, key: sealed.share, sha256: sealed.sha256 }];
    }
  }

  /** What is not the share that the guardian was given opens nothing. */
  async open(
    { key, sha256 }: GuardianShare,
    privateKeys: readonly KeyObject[],
  ): Promise<Uint8Array | undefined> {
    const keys = privateKeys.map((privateKey) => ({ privateKey }));
    const share = await unwrapKey(key, keys).catch((error: unknown) => {
      if (error instanceof KeyUnwrapError) return undefined;
      throw error;
    });
    return share && digestOf(share) === sha256 ? share : undefined;
  }

  async replace(owner: RotationDocument, shares: readonly GuardianShare[], left: number): Promise<void> {
    if (shares.length === 0) return;
    const replaced = shares.map(({ patient, key: share, sha256 }) => ({ patient, share, sha256 }));
    const argument = { ...institutionOf(owner), shares: replaced, left };
    await this.#options.services.ledger.submit<unknown>(await this.#call(owner, 'RewrapShares', argument));
  }

  async #call(owner: RotationDocument, transaction: 'ReadShare' | 'RewrapShares', argument: object) {
    const { network, custody } = this.#options.services;
    const { channel, chaincode } = placeOf(network, 'care');
    const signer = await signerOf(custody, owner);
    return { channel, chaincode, contract: 'Recovery', transaction, argument, signer };
  }
}
