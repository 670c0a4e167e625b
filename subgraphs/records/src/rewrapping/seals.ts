/** For whom something is sealed beside entries: claims, and guardians' shares of others' keys. */
import {
  channelGraphId,
  knownEvents,
  placeOf,
  placesOf,
  readModelCollection,
  type ReadModelDocument,
  replaceAll,
  type SuitePlace,
} from '@medigraph/platform/graph';
import { type ConnectionProfile } from '@medigraph/platform/ledger';
import { type LedgerEvent, type Projection } from '@medigraph/platform/projection';
import { type Connection, type Model } from 'mongoose';

/** A claim, by its id in the graph. */
interface SealedClaimDocument extends ReadModelDocument {
  readonly channel: string;
  readonly claim: string;
  /** Patient, provider and insurer. */
  readonly parties: readonly string[];
}

/** Those who have shares of a patient's keys, by patient. */
interface SharesDocument extends ReadModelDocument {
  readonly guardians: readonly string[];
}

const known = new Set(['ClaimSubmitted', 'GuardiansNamed'] as const);

/** Which claims are sealed for whom, and whose keys somebody has a share of. */
export class Seals implements Projection {
  readonly name = 'records_seals';
  readonly channels: readonly string[];
  readonly chaincodes: readonly string[];
  readonly #claimPlaces: readonly SuitePlace[];
  readonly #claims: Model<SealedClaimDocument>;
  readonly #shares: Model<SharesDocument>;

  constructor(connection: Connection, network: ConnectionProfile) {
    this.#claimPlaces = placesOf(network, 'claims');
    const places = [placeOf(network, 'care'), ...this.#claimPlaces];
    this.channels = places.map(({ channel }) => channel);
    this.chaincodes = [...new Set(places.map(({ chaincode }) => chaincode))];
    this.#claims = readModelCollection(connection, `${this.name}_claims`, [{ parties: 1, _id: 1 }]);
    this.#shares = readModelCollection(connection, `${this.name}_shares`, [{ guardians: 1, _id: 1 }]);
  }

  /** Claims that are sealed for a party, in batches of one channel each. */
  async *claimsOf(
    party: string,
    batch: number,
  ): AsyncGenerator<{ readonly place: SuitePlace; readonly claims: readonly string[] }> {
    for (const place of this.#claimPlaces) {
      const filter = { parties: party, channel: place.channel };
      const found = this.#claims.find(filter).sort({ _id: 1 }).lean<SealedClaimDocument[]>().cursor();
      let claims: string[] = [];
      for await (const { claim } of found) {
        claims.push(claim);
        if (claims.length < batch) continue;
        yield { place, claims };
        claims = [];
      }
      if (claims.length > 0) yield { place, claims };
    }
  }

  /** Patients of whose keys a party has a share. */
  async *patientsGuardedBy(party: string): AsyncGenerator<string> {
    const found = this.#shares.find({ guardians: party }).sort({ _id: 1 }).lean<SharesDocument[]>();
    for await (const { _id } of found.cursor()) yield _id;
  }

  async apply(events: readonly LedgerEvent[]): Promise<void> {
    const claims: SealedClaimDocument[] = [];
    // The last that a patient named stands.
    const shares = new Map<string, SharesDocument>();
    for (const event of knownEvents(events, known)) {
      if (event.type === 'GuardiansNamed') {
        const { patient: _id, guardians, sharesKeys } = event.item;
        shares.set(_id, { _id, guardians: sharesKeys ? guardians : [] });
        continue;
      }
      const { id: claim, patient, provider, insurer } = event.item;
      const { channel } = event.position;
      claims.push({
        _id: channelGraphId(channel, claim),
        channel,
        claim,
        parties: [...new Set([patient, provider, insurer])],
      });
    }
    await Promise.all([replaceAll(this.#claims, claims), replaceAll(this.#shares, [...shares.values()])]);
  }

  async clear(): Promise<void> {
    await Promise.all([this.#claims.deleteMany({}), this.#shares.deleteMany({})]);
  }
}
