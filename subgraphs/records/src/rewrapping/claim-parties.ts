/** Whom claims are sealed for: their keys stay as they were wrapped, for good. */
import {
  knownEvents,
  placesOf,
  readModelCollection,
  type ReadModelDocument,
  replaceAll,
} from '@medigraph/platform/graph';
import { type ConnectionProfile } from '@medigraph/platform/ledger';
import { type LedgerEvent, type Projection } from '@medigraph/platform/projection';
import { type Connection, type Model } from 'mongoose';

const submitted = new Set(['ClaimSubmitted'] as const);

/** Everybody for whom a claim of any claims channel is sealed, by chain address or institution id. */
export class ClaimParties implements Projection {
  readonly name = 'records_claim_parties';
  readonly channels: readonly string[];
  readonly chaincodes: readonly string[];
  readonly #parties: Model<ReadModelDocument>;

  constructor(connection: Connection, network: ConnectionProfile) {
    const places = placesOf(network, 'claims');
    this.channels = places.map(({ channel }) => channel);
    this.chaincodes = [...new Set(places.map(({ chaincode }) => chaincode))];
    this.#parties = readModelCollection(connection, `${this.name}_ids`, []);
  }

  async has(party: string): Promise<boolean> {
    return (await this.#parties.exists({ _id: party })) !== null;
  }

  async apply(events: readonly LedgerEvent[]): Promise<void> {
    const ids = knownEvents(events, submitted).flatMap(({ item }) => [
      item.patient,
      item.provider,
      item.insurer,
    ]);
    await replaceAll(
      this.#parties,
      ids.map((_id) => ({ _id })),
    );
  }

  async clear(): Promise<void> {
    await this.#parties.deleteMany({});
  }
}
