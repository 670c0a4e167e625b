import {
  findAll,
  placeOf,
  RequestContext,
  type RequestParts,
  type SuitePlace,
} from '@medigraph/platform/graph';
import { type Committed } from '@medigraph/platform/ledger';
import { type PackageStore } from '@medigraph/platform/packages';
import DataLoader from 'dataloader';
import { type Onlooker, onlookerOf, visibleDApps, visibleInstallations, visibleReleases } from './policy.js';
import { type DAppOperation } from './operation/dapp-operation.js';
import {
  type DAppBook,
  type DAppDocument,
  type InstallationDocument,
  type PublisherDocument,
  type ReleaseDocument,
} from './read-model.js';
import { type Statistics, statisticsOf } from './statistics.js';

interface Loaders {
  /** DApps that the caller may see. */
  readonly dapps: DataLoader<string, DAppDocument | undefined>;
  /** Versions that the caller may see, by `releaseId`. */
  readonly releases: DataLoader<string, ReleaseDocument | undefined>;
  readonly publishers: DataLoader<string, PublisherDocument | undefined>;
  /** Installations that the caller may see, by `holdingId`. */
  readonly installations: DataLoader<string, InstallationDocument | undefined>;
  readonly statistics: DataLoader<string, Statistics>;
}

/** What the registry's subgraph keeps. */
export interface DAppsStores {
  readonly book: DAppBook;
  readonly packages: PackageStore;
  readonly operation: DAppOperation;
}

/** A request of the registry's subgraph. */
export class DAppsContext extends RequestContext<Loaders> {
  readonly book: DAppBook;
  readonly packages: PackageStore;
  readonly operation: DAppOperation;
  #onlooker: Promise<Onlooker> | undefined;

  constructor(parts: RequestParts, { book, packages, operation }: DAppsStores) {
    super(parts);
    this.book = book;
    this.packages = packages;
    this.operation = operation;
  }

  /** Where the registry suite runs. */
  get registry(): SuitePlace {
    return placeOf(this.services.network, 'registry');
  }

  /** Who looks. */
  onlooker(): Promise<Onlooker> {
    return (this.#onlooker ??= onlookerOf(this));
  }

  /** What the registry answers the caller. */
  askRegistry<T>(transaction: string, argument: object): Promise<T> {
    return this.evaluate<T>({ contract: 'DApps', transaction, argument }, this.registry);
  }

  /** Submits to the registry as the caller, and answers once the read model has it. */
  commitToRegistry<T>(
    transaction: string,
    argument: object,
    idempotencyKey: string | undefined,
  ): Promise<Committed<T>> {
    const call = { contract: 'DApps', transaction, argument };
    return this.commit<T>(call, { idempotencyKey, place: this.registry });
  }

  override renew(): void {
    this.#onlooker = undefined;
    super.renew();
  }

  protected override createLoaders(): Loaders {
    const { book } = this;
    return {
      dapps: new DataLoader(async (ids) => findAll(book.dapps, ids, visibleDApps(await this.onlooker()))),
      releases: new DataLoader(async (ids) =>
        findAll(book.releases, ids, visibleReleases(await this.onlooker())),
      ),
      publishers: new DataLoader((ids) => findAll(book.publishers, ids)),
      installations: new DataLoader(async (ids) => {
        const visible = await visibleInstallations(this);
        return visible ? findAll(book.installations, ids, visible) : ids.map(() => undefined);
      }),
      statistics: new DataLoader((dapps) => statisticsOf(book, dapps)),
    };
  }
}
