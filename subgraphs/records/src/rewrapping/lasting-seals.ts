/** For whom something is sealed that no rewrapping reaches: claims, and guardians' shares of others' keys. */
import {
  knownEvents,
  placeOf,
  placesOf,
  readModelCollection,
  type ReadModelDocument,
  replaceAll,
} from '@medigraph/platform/graph';
import { type ConnectionProfile } from '@medigraph/platform/ledger';
import { type LedgerEvent, type Projection } from '@medigraph/platform/projection';
import { type Connection, type Model } from 'mongoose';

const known = new Set(['ClaimSubmitted', 'GuardiansNamed'] as const);

/** Everybody for whom there is such a thing, by chain address or institution id. Once they are in it, they stay. */
export class LastingSeals implements Projection {
  readonly name = 'records_lasting_seals';
  readonly channels: readonly string[];
  readonly chaincodes: readonly string[];
  readonly #parties: Model<ReadModelDocument>;

  constructor(connection: Connection, network: ConnectionProfile) {
    const places = [placeOf(network, 'care'), ...placesOf(network, 'claims')];
    this.channels = places.map(({ channel }) => channel);
    this.chaincodes = [...new Set(places.map(({ chaincode }) => chaincode))];
    this.#parties = readModelCollection(connection, `${this.name}_parties`, []);
  }

  async has(party: string): Promise<boolean> {
    return (await this.#parties.exists({ _id: party })) !== null;
  }

  async apply(events: readonly LedgerEvent[]): Promise<void> {
    const ids = knownEvents(events, known).flatMap((event) => {
      if (event.type === 'GuardiansNamed') return event.item.sharesKeys ? event.item.guardians : [];
      const { patient, provider, insurer } = event.item;
      return [patient, provider, insurer];
    });
    await replaceAll(
      this.#parties,
      ids.map((_id) => ({ _id })),
    );
  }

  async clear(): Promise<void> {
    await this.#parties.deleteMany({});
  }
}
