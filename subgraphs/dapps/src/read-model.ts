/** What this subgraph keeps of the ledger: publishers, DApps, their versions, who uses them and what they say of them. */
import {
  findAll,
  type KnownEvent,
  knownEvents,
  placeOf,
  readModelCollection,
  type ReadModelDocument,
  replaceAll,
} from '@medigraph/platform/graph';
import { type ConnectionProfile, type TransactionReference } from '@medigraph/platform/ledger';
import { type LedgerEvent, type Projection } from '@medigraph/platform/projection';
import { type registry } from '@medigraph/schema';
import { type DAppManifest } from '@medigraph/schema/dapps';
import { type Connection, type Model } from 'mongoose';
import { type Ranks, ranksOf } from './ranks.js';
import { statisticsOf, unused } from './statistics.js';

interface Written {
  readonly transaction: TransactionReference;
}

export interface PublisherDocument extends ReadModelDocument, Written, Omit<registry.Publisher, 'id'> {}

export interface DAppDocument extends ReadModelDocument, Written, Omit<registry.DApp, 'id'>, Ranks {
  /** Of the version that runs, or ran last; of the latest while none has. */
  readonly manifest: DAppManifest;
  /** What lists are ordered by. */
  readonly name: string;
  readonly categories: readonly string[];
  /** What a search looks in. */
  readonly searched: string;
  /** When the version that runs was published; of the latest while none has run. */
  readonly publishedAt: string;
}

export interface ReleaseDocument extends ReadModelDocument, Written, registry.DAppRelease {}

export interface InstallationDocument extends ReadModelDocument, Written, registry.Installation {}

export interface RatingDocument extends ReadModelDocument, Written, registry.Rating {}

/** Events that carry what a version has become. */
export const releaseEvents = [
  'DAppPublished',
  'DAppChecked',
  'DAppApproved',
  'DAppRefused',
  'DAppActivated',
  'DAppRollbackRequested',
] as const;
/** Events that carry what a DApp has become. */
export const dappEvents = ['DAppDeprecated', 'DAppRevocationProposed', 'DAppRevoked'] as const;
/** Events that carry what an installation has become. */
export const installationEvents = ['DAppInstalled', 'DAppUninstalled'] as const;

const known = new Set([
  'PublisherRegistered',
  'PublisherChanged',
  'DAppRated',
  ...releaseEvents,
  ...dappEvents,
  ...installationEvents,
] as const);
type RegistryEvent = KnownEvent<typeof known extends Set<infer Name> ? Name : never>;
type ReleaseEvent = KnownEvent<(typeof releaseEvents)[number]>;
type DAppEvent = KnownEvent<(typeof dappEvents)[number]>;

/** Names a version of a DApp. */
export const releaseId = (dapp: string, version: string): string => `${dapp}@${version}`;
/** Names what is a DApp's and somebody's. */
export const holdingId = (dapp: string, holder: string): string => `${dapp}/${holder}`;

/** The registry as the ledger's events tell it. */
export class DAppBook implements Projection {
  readonly name = 'dapps_book';
  readonly channels: readonly string[];
  readonly chaincodes: readonly string[];
  readonly publishers: Model<PublisherDocument>;
  readonly dapps: Model<DAppDocument>;
  readonly releases: Model<ReleaseDocument>;
  readonly installations: Model<InstallationDocument>;
  readonly ratings: Model<RatingDocument>;

  constructor(connection: Connection, network: Pick<ConnectionProfile, 'channels'>) {
    const { channel, chaincode } = placeOf(network, 'registry');
    this.channels = [channel];
    this.chaincodes = [chaincode];
    this.publishers = readModelCollection(connection, `${this.name}_publishers`, [{ mspId: 1 }]);
    this.dapps = readModelCollection(connection, `${this.name}_dapps`, [
      { name: 1, _id: 1 },
      { publisher: 1, name: 1, _id: 1 },
      { publishedAt: -1, _id: -1 },
      { installationRank: -1, _id: -1 },
      { ratingRank: -1, _id: -1 },
    ]);
    this.releases = readModelCollection(connection, `${this.name}_releases`, [
      { dapp: 1, publishedAt: -1, _id: -1 },
      { status: 1, publishedAt: 1, _id: 1 },
      { 'package.sha256': 1 },
    ]);
    this.installations = readModelCollection(connection, `${this.name}_installations`, [
      { holder: 1, since: -1, _id: -1 },
      { dapp: 1, status: 1 },
    ]);
    this.ratings = readModelCollection(connection, `${this.name}_ratings`, [{ dapp: 1, at: -1, _id: -1 }]);
  }

  async apply(events: readonly LedgerEvent[]): Promise<void> {
    const publishers: PublisherDocument[] = [];
    const installations: InstallationDocument[] = [];
    const ratings: RatingDocument[] = [];
    const releases = new Map<string, ReleaseDocument>();
    const concerned = knownEvents(events, known);
    const dapps = await this.#dappsOf(concerned);
    for (const event of concerned) {
      const { transaction } = event;
      switch (event.type) {
        case 'PublisherRegistered':
        case 'PublisherChanged':
          publishers.push(publisherDocument(event.item, transaction));
          break;
        case 'DAppInstalled':
        case 'DAppUninstalled':
          installations.push(installationDocument(event.item, transaction));
          break;
        case 'DAppRated': {
          const { dapp, author } = event.item;
          ratings.push({ _id: holdingId(dapp, author), ...event.item, transaction });
          break;
        }
        default:
          await this.#applyChange(event, dapps, releases);
      }
    }
    // What a repetition looks at, to find out which version ran before, is written last.
    await replaceAll(this.releases, releases.values());
    await Promise.all([
      replaceAll(this.publishers, publishers),
      replaceAll(this.installations, installations),
      replaceAll(this.ratings, ratings),
      replaceAll(this.dapps, dapps.values()),
    ]);
    await this.#rank(new Set([...installations, ...ratings].map(({ dapp }) => dapp)));
  }

  async clear(): Promise<void> {
    await Promise.all([
      this.publishers.deleteMany({}),
      this.dapps.deleteMany({}),
      this.releases.deleteMany({}),
      this.installations.deleteMany({}),
      this.ratings.deleteMany({}),
    ]);
  }

  /** Counted anew, so that a repetition counts nothing twice. */
  async #rank(dapps: ReadonlySet<string>): Promise<void> {
    const ids = [...dapps];
    const counted = ids.length === 0 ? [] : await statisticsOf(this, ids);
    await Promise.all(
      counted.map((statistics, index) =>
        this.dapps.updateOne({ _id: ids[index] }, { $set: ranksOf(statistics) }),
      ),
    );
  }

  async #dappsOf(events: readonly RegistryEvent[]): Promise<Map<string, DAppDocument>> {
    const ids = events.flatMap((event) => {
      if (isOfRelease(event)) return [event.item.dapp];
      return isOfDApp(event) ? [event.item.id] : [];
    });
    const found = ids.length === 0 ? [] : await findAll(this.dapps, ids);
    return new Map(found.flatMap((one) => (one ? [[one._id, one]] : [])));
  }

  async #applyChange(
    event: ReleaseEvent | DAppEvent,
    dapps: Map<string, DAppDocument>,
    releases: Map<string, ReleaseDocument>,
  ): Promise<void> {
    const { transaction } = event;
    const ending = async (
      before: DAppDocument | undefined,
      end: Pick<ReleaseDocument, 'status' | 'reason'>,
    ) => {
      if (before?.active === undefined) return;
      const id = releaseId(before._id, before.active);
      const found = releases.get(id) ?? (await findAll(this.releases, [id]))[0];
      if (found) releases.set(id, { ...found, ...end, transaction });
    };
    if (isOfRelease(event)) {
      const { dapp, version } = event.item;
      const before = dapps.get(dapp);
      if (event.type === 'DAppActivated' && before?.active !== version)
        await ending(before, { status: 'superseded' });
      releases.set(releaseId(dapp, version), releaseDocument(event.item, transaction));
      dapps.set(dapp, dappAfter(before, event));
    } else {
      const before = dapps.get(event.item.id);
      if (!before) throw new TypeError(`${event.type} is about an unknown DApp ${event.item.id}`);
      if (event.type === 'DAppRevoked')
        await ending(before, { status: 'revoked', reason: event.item.revocation?.reason });
      const { id, ...dapp } = event.item;
      const { publishedAt, installationRank, ratingRank } = before;
      const kept = { publishedAt, installationRank, ratingRank };
      dapps.set(id, { ...dapp, ...kept, _id: id, ...listed(before.manifest), transaction });
    }
  }
}

const isOfRelease = (event: RegistryEvent): event is ReleaseEvent =>
  (releaseEvents as readonly string[]).includes(event.type);
const isOfDApp = (event: RegistryEvent): event is DAppEvent =>
  (dappEvents as readonly string[]).includes(event.type);

/** A DApp as it is kept after one of its versions changed. */
function dappAfter(
  before: DAppDocument | undefined,
  { type, item, transaction }: ReleaseEvent,
): DAppDocument {
  const { dapp: id, version, publisher, manifest, publishedAt } = item;
  if (!before) {
    const fresh = { _id: id, publisher, status: 'submitted', latest: version, publishedAt } as const;
    return { ...fresh, ...ranksOf(unused), ...listed(manifest), transaction };
  }
  switch (type) {
    case 'DAppPublished': {
      const shown = before.status === 'submitted' ? { publishedAt, ...listed(manifest) } : {};
      return { ...before, latest: version, ...shown, transaction };
    }
    case 'DAppActivated': {
      const { rollback: _, ...kept } = before;
      const status = before.deprecation ? 'deprecated' : 'active';
      return { ...kept, active: version, status, publishedAt, ...listed(manifest), transaction };
    }
    case 'DAppRollbackRequested':
      return { ...before, rollback: version, transaction };
    default:
      return before;
  }
}

/** What of a manifest a DApp is listed by. */
function listed(manifest: DAppManifest): Pick<DAppDocument, 'manifest' | 'name' | 'categories' | 'searched'> {
  const { id, name, summary, publisher, categories, keywords = [] } = manifest;
  const searched = [id, name, summary, publisher, ...keywords].join(' ').toLowerCase();
  return { manifest, name, categories, searched };
}

export function publisherDocument(
  { id, ...publisher }: registry.Publisher,
  transaction: TransactionReference,
): PublisherDocument {
  return { _id: id, ...publisher, transaction };
}

export function releaseDocument(
  release: registry.DAppRelease,
  transaction: TransactionReference,
): ReleaseDocument {
  return { _id: releaseId(release.dapp, release.version), ...release, transaction };
}

export function installationDocument(
  installation: registry.Installation,
  transaction: TransactionReference,
): InstallationDocument {
  return { _id: holdingId(installation.dapp, installation.holder), ...installation, transaction };
}
