import {
  findAll,
  RequestContext,
  type RequestParts,
  type SuitePlace,
  placesOf,
} from '@medigraph/platform/graph';
import { type FhirResource } from '@medigraph/schema/scalars';
import DataLoader from 'dataloader';
import { readSealedClaim } from './claim-linker.js';
import { ClaimNotFound, CoverageNotFound } from './errors.js';
import { visibleClaims, visibleCoverages } from './policy.js';
import { type ClaimBook, type ClaimDocument, type CoverageDocument } from './read-model.js';

interface Loaders {
  /** Claims that the caller may see. */
  readonly claims: DataLoader<string, ClaimDocument | undefined>;
  /** Coverages that the caller may see. */
  readonly coverages: DataLoader<string, CoverageDocument | undefined>;
  /** What sealed claims say. */
  readonly contents: DataLoader<ClaimDocument, FhirResource, string>;
}

/** A request of the claims subgraph. */
export class ClaimsContext extends RequestContext<Loaders> {
  readonly book: ClaimBook;

  constructor(parts: RequestParts, book: ClaimBook) {
    super(parts);
    this.book = book;
  }

  /** Claims channels that the caller's organisation is on. */
  get channels(): string[] {
    const { channels } = this.services.network;
    return this.book.channels.filter((name) => channels[name]?.organizations.includes(this.caller.mspId));
  }

  /** Where a claims channel's contracts run. */
  placeOf(channel: string): SuitePlace {
    const place = this.#places.find((one) => one.channel === channel);
    if (place === undefined) throw new CoverageNotFound(channel);
    return place;
  }

  /** The claims channel of the caller's organisation, if it is an insurer. */
  get ownPlace(): SuitePlace | undefined {
    return this.#places.find(({ insurerMspId }) => insurerMspId === this.caller.mspId);
  }

  get #places(): SuitePlace[] {
    return placesOf(this.services.network, 'claims');
  }

  /** A claim that the caller may see. @throws `CLAIM_NOT_FOUND` */
  async requireClaim(id: string): Promise<ClaimDocument> {
    const found = await this.loaders.claims.load(id);
    if (found === undefined) throw new ClaimNotFound(id);
    return found;
  }

  /**
   * A coverage by its id, whoever asks: to know the id is what entitles to claim against it, as on the ledger.
   * @throws `COVERAGE_NOT_FOUND`, also for one on a channel that the caller's organisation is not on.
   */
  async requireCoverage(id: string): Promise<CoverageDocument> {
    const [found] = await findAll(this.book.coverages, [id]);
    if (found === undefined || !this.channels.includes(found.transaction.channel))
      throw new CoverageNotFound(id);
    return found;
  }

  protected override createLoaders(): Loaders {
    return {
      claims: new DataLoader(async (ids) => {
        const filter = await visibleClaims(this);
        return filter ? findAll(this.book.claims, ids, filter) : ids.map(() => undefined);
      }),
      coverages: new DataLoader((ids) => this.#visibleCoverages(ids)),
      contents: new DataLoader(
        (documents) => Promise.all(documents.map((document) => readSealedClaim(this, document))),
        { cacheKeyFn: ({ _id }) => _id },
      ),
    };
  }

  async #visibleCoverages(ids: readonly string[]): Promise<(CoverageDocument | undefined)[]> {
    const beneficiaries = await this.book.coverages
      .distinct('beneficiary', { _id: { $in: [...ids] } })
      .exec();
    const filters = await Promise.all(beneficiaries.map((one) => visibleCoverages(this, one)));
    const $or = filters.filter((filter) => filter !== undefined);
    return $or.length === 0 ? ids.map(() => undefined) : findAll(this.book.coverages, ids, { $or });
  }
}
