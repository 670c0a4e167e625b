import { type KeyObject } from 'node:crypto';
import { maxKeys, placeOf, type Relations, type SubgraphServices } from '@medigraph/platform/graph';
import { type care } from '@medigraph/schema';
import { type RotationDocument } from './key-rotations.js';
import { institutionOf, isPerson, type KeySource, openContentKey, signerOf } from './owned-keys.js';

/** A key of a patient's entry. */
export type EntryKey = care.KeyInPlace & { readonly patient: string };

interface Page {
  readonly items: readonly care.KeyInPlace[];
  readonly bookmark?: string;
}

interface EntryKeysOptions {
  readonly services: Pick<SubgraphServices, 'ledger' | 'custody' | 'envelopes' | 'network'>;
  readonly relations: Pick<Relations, 'relationships'>;
  /** Keys that are asked for, and that one transaction replaces; as many as it carries. */
  readonly batch?: number | undefined;
}

/**
 * The keys of a patient, a holder of records or a grantee. Whose entries to look at comes from the relations; what is
 * wrapped, from the ledger.
 */
export class EntryKeys implements KeySource<EntryKey> {
  readonly #options: EntryKeysOptions;

  constructor(options: EntryKeysOptions) {
    this.#options = options;
  }

  /** Page by page, of every patient that there is something between the owner and. */
  async *pagesOf(owner: RotationDocument): AsyncGenerator<readonly EntryKey[]> {
    const { batch: pageSize = maxKeys } = this.#options;
    for await (const patient of this.#patientsOf(owner._id)) {
      let bookmark: string | undefined;
      do {
        const argument = {
          patient,
          ...institutionOf(owner),
          pageSize,
          ...(bookmark !== undefined && { bookmark }),
        };
        const page: Page = await this.#options.services.ledger.evaluate<Page>(
          await this.#call(owner, 'KeysOf', argument),
        );
        yield page.items.map((key) => ({ ...key, patient }));
        bookmark = page.bookmark;
      } while (bookmark !== undefined && bookmark !== '');
    }
  }

  open(key: EntryKey, privateKeys: readonly KeyObject[]): Promise<Uint8Array | undefined> {
    return openContentKey(this.#options.services.envelopes, key, privateKeys);
  }

  async replace(owner: RotationDocument, keys: readonly EntryKey[], left: number): Promise<void> {
    const { batch = maxKeys, services } = this.#options;
    for (let from = 0; from < keys.length; from += batch) {
      const some = keys.slice(from, from + batch);
      const after = left + keys.length - from - some.length;
      const argument = { ...institutionOf(owner), keys: some, left: after };
      await services.ledger.submit<unknown>(await this.#call(owner, 'RewrapKeys', argument));
    }
  }

  async *#patientsOf(owner: string): AsyncGenerator<string> {
    if (isPerson(owner)) yield owner;
    const related = this.#options.relations.relationships.find({ institution: owner }).sort({ patient: 1 });
    for await (const { patient } of related.lean<{ patient: string }[]>().cursor()) yield patient;
  }

  async #call(owner: RotationDocument, transaction: 'KeysOf' | 'RewrapKeys', argument: object) {
    const { network, custody } = this.#options.services;
    const { channel, chaincode } = placeOf(network, 'care');
    const signer = await signerOf(custody, owner);
    return { channel, chaincode, contract: 'Records', transaction, argument, signer };
  }
}
