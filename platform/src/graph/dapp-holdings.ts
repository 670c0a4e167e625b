/** Who has which DApp, as the registry's events say: the ground on which every subgraph lets the back end of a DApp in. */
import { type Connection, type Model } from 'mongoose';
import { type ConnectionProfile } from '../ledger/index.js';
import { type LedgerEvent, type Projection } from '../projection/index.js';
import { knownEvents } from './ledger-events.js';
import { placesOf } from './network-map.js';
import { findAll, readModelCollection, type ReadModelDocument, replaceAll } from './read-model.js';

interface KnownDApp extends ReadModelDocument {
  /** Whether a version of it runs. */
  readonly runs: boolean;
}

interface Holding extends ReadModelDocument {
  readonly active: boolean;
}

const holdingEvents = new Set(['DAppActivated', 'DAppRevoked', 'DAppInstalled', 'DAppUninstalled'] as const);

const holdingId = (dapp: string, holder: string): string => `${dapp}/${holder}`;

/** A DApp in somebody's hands. */
export interface HoldingName {
  readonly dapp: string;
  /** Chain address of a person, or id of an institution. */
  readonly holder: string;
}

/** The installations of one subgraph: a projection, and the questions that policy asks of it. */
export class DAppHoldings implements Projection {
  readonly name: string;
  readonly channels: readonly string[];
  readonly chaincodes: readonly string[];
  readonly #dapps: Model<KnownDApp>;
  readonly #holdings: Model<Holding>;

  /** @param network - without a registry it has no DApps, and nobody holds any. */
  constructor(connection: Connection, network: ConnectionProfile, subgraph: string) {
    const places = placesOf(network, 'registry');
    this.name = `${subgraph}_holdings`;
    this.channels = places.map(({ channel }) => channel);
    this.chaincodes = places.map(({ chaincode }) => chaincode);
    this.#dapps = readModelCollection(connection, `${this.name}_dapps`, []);
    this.#holdings = readModelCollection(connection, `${this.name}_installed`, []);
  }

  async apply(events: readonly LedgerEvent[]): Promise<void> {
    const dapps: KnownDApp[] = [];
    const holdings: Holding[] = [];
    for (const { type, item } of knownEvents(events, holdingEvents)) {
      if (type === 'DAppActivated') dapps.push({ _id: item.dapp, runs: true });
      else if (type === 'DAppRevoked') dapps.push({ _id: item.id, runs: false });
      else holdings.push({ _id: holdingId(item.dapp, item.holder), active: item.status === 'active' });
    }
    await Promise.all([replaceAll(this.#dapps, dapps), replaceAll(this.#holdings, holdings)]);
  }

  async clear(): Promise<void> {
    await Promise.all([this.#dapps.deleteMany({}), this.#holdings.deleteMany({})]);
  }

  /** Whether a version of a DApp runs: what was revoked does not. */
  async runs(dapp: string): Promise<boolean> {
    return (await this.#dapps.exists({ _id: dapp, runs: true })) !== null;
  }

  /** Which of them stand; nothing of a DApp that does not run. */
  async standing(names: readonly HoldingName[]): Promise<boolean[]> {
    const [dapps, holdings] = await Promise.all([
      findAll(
        this.#dapps,
        names.map(({ dapp }) => dapp),
      ),
      findAll(
        this.#holdings,
        names.map(({ dapp, holder }) => holdingId(dapp, holder)),
      ),
    ]);
    return names.map((_, index) => dapps[index]?.runs === true && holdings[index]?.active === true);
  }
}
