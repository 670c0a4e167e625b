/** The keys on the ledger that are wrapped for one owner, and how they are replaced. */
import { type Relations, maxKeys, placeOf, type SubgraphServices } from '@medigraph/platform/graph';
import { type Caller } from '@medigraph/platform/identity';
import { type LedgerIdentity } from '@medigraph/platform/ledger';
import { type care, primitives } from '@medigraph/schema';
import { type RotationDocument } from './key-rotations.js';

/** A key of a patient's entry. */
export type OwnedKey = care.KeyInPlace & { readonly patient: string };

interface Page {
  readonly items: readonly care.KeyInPlace[];
  readonly bookmark?: string;
}

const isPerson = (owner: string): boolean => primitives.chainAddress.safeParse(owner).success;

interface OwnedKeysOptions {
  readonly services: Pick<SubgraphServices, 'ledger' | 'custody' | 'network'>;
  readonly relations: Pick<Relations, 'relationships'>;
  /** Keys that are asked for, and that one transaction replaces; as many as it carries. */
  readonly batch?: number;
}

/**
 * The keys of a patient, a holder of records or a grantee. Whose entries to look at comes from the relations; what is
 * wrapped, from the ledger.
 */
export class OwnedKeys {
  readonly #options: OwnedKeysOptions;

  constructor(options: OwnedKeysOptions) {
    this.#options = options;
  }

  /** Page by page, of every patient that there is something between the owner and. */
  async *pagesOf(owner: RotationDocument): AsyncGenerator<readonly OwnedKey[]> {
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

  /** Puts these in the place of those there are. @param left - How many more there are to be replaced. */
  async replace(owner: RotationDocument, keys: readonly OwnedKey[], left: number): Promise<void> {
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
    const { channel, chaincode } = placeOf(this.#options.services.network, 'care');
    const signer = await this.#signerOf(owner);
    return { channel, chaincode, contract: 'Records', transaction, argument, signer };
  }

  #signerOf({ _id, mspId }: RotationDocument): Promise<LedgerIdentity> {
    const { custody } = this.#options.services;
    if (!isPerson(_id)) return custody.organization(mspId);
    const caller: Caller = {
      subject: _id,
      role: 'patient',
      mspId,
      patient: _id,
      scopes: new Set(),
      expiresAt: 0,
    };
    return custody.signerFor(caller);
  }
}

const institutionOf = ({ _id }: RotationDocument): { institution?: string } =>
  isPerson(_id) ? {} : { institution: _id };
