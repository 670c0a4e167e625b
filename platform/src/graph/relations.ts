/**
 * Who stands in what relation to whom, as the care channel's events say: the ground of every subgraph's policy. Each
 * subgraph keeps its own copy, so that none depends on another being up.
 */
import { type care } from '@medigraph/schema';
import { type Connection, type Model } from 'mongoose';
import { type LedgerEvent, type Projection } from '../projection/index.js';
import { type ConnectionProfile } from '../ledger/index.js';
import { DAppHoldings } from './dapp-holdings.js';
import { placeOf } from './network-map.js';
import { type KnownEvent, knownEvents } from './ledger-events.js';
import { findAll, readModelCollection, type ReadModelDocument, replaceAll } from './read-model.js';

/** An institution, as far as policy needs it. */
export interface RelatedInstitution extends ReadModelDocument {
  readonly mspId: string;
  readonly kind: care.Institution['kind'];
}

/** What there is between an institution, or another person, and a patient. */
export interface Relationship extends ReadModelDocument {
  /** Institution id, or the address of a person whom the patient lets read. */
  readonly institution: string;
  readonly patient: string;
  /** Whether the patient lets the institution store records. */
  readonly storage: boolean;
  /** Consents that are requested, granted, or refuse for good, and have not been denied or revoked; ordered by id. */
  readonly consents: readonly care.Consent[];
  /** When the last of it ends, as an instant; {@link never} if it does not, empty if there is nothing. */
  readonly until: string;
}

/** An instant after all others. */
export const never = '9999-12-31T23:59:59.999Z';

const relationEvents = new Set([
  'InstitutionRegistered',
  'PatientDeactivated',
  'StorageAuthorized',
  'ConsentRequested',
  'ConsentGranted',
  'ConsentDenied',
  'ConsentRevoked',
  'GlassBroken',
] as const);
type RelationEvent = KnownEvent<typeof relationEvents extends Set<infer Name> ? Name : never>;

/** Names the pair that a {@link Relationship} is of. */
export const relationshipId = (institution: string, patient: string): string => `${institution}/${patient}`;

/** The relations of one subgraph: the projection that keeps them and the questions that policy asks. */
export class Relations implements Projection {
  readonly name: string;
  readonly channels: readonly string[];
  readonly chaincodes: readonly string[];
  readonly institutions: Model<RelatedInstitution>;
  readonly relationships: Model<Relationship>;
  /** Who has which DApp: a projection of its own. */
  readonly holdings: DAppHoldings;

  constructor(connection: Connection, network: ConnectionProfile, subgraph: string) {
    const { channel, chaincode } = placeOf(network, 'care');
    this.name = `${subgraph}_relations`;
    this.holdings = new DAppHoldings(connection, network, subgraph);
    this.channels = [channel];
    this.chaincodes = [chaincode];
    this.institutions = readModelCollection(connection, `${this.name}_institutions`, []);
    this.relationships = readModelCollection(connection, `${this.name}_pairs`, [
      { institution: 1, patient: 1 },
      { patient: 1 },
    ]);
  }

  async apply(events: readonly LedgerEvent[]): Promise<void> {
    const known = knownEvents(events, relationEvents);
    const pairs = await this.#affected(known);
    const institutions: RelatedInstitution[] = [];
    for (const event of known) {
      if (event.type === 'InstitutionRegistered') {
        const { id, mspId, kind } = event.item;
        institutions.push({ _id: id, mspId, kind });
      } else if (event.type === 'PatientDeactivated') {
        for (const pair of pairs.values())
          if (pair.patient === event.item.address) pairs.set(pair._id, withoutConsents(pair));
      } else {
        const id = pairOf(event);
        pairs.set(id, changed(pairs.get(id), event));
      }
    }
    await replaceAll(this.institutions, institutions);
    await replaceAll(this.relationships, pairs.values());
  }

  async clear(): Promise<void> {
    await this.institutions.deleteMany({});
    await this.relationships.deleteMany({});
  }

  async #affected(events: readonly RelationEvent[]): Promise<Map<string, Relationship>> {
    const ids = events.flatMap((event) => (isOfPair(event) ? [pairOf(event)] : []));
    const ended = events.flatMap((event) =>
      event.type === 'PatientDeactivated' ? [event.item.address] : [],
    );
    const [named, ofEnded] = await Promise.all([
      ids.length === 0 ? [] : findAll(this.relationships, [...new Set(ids)]),
      ended.length === 0 ? [] : this.relationships.find({ patient: { $in: ended } }).lean<Relationship[]>(),
    ]);
    return new Map([...named, ...ofEnded].flatMap((pair) => (pair ? [[pair._id, pair]] : [])));
  }
}

/**
 * What is left of it for a program of the institution: what names the program, and what is refused to all of the institution. What the
 * institution holds, may store, or was granted as a whole is not the program's.
 */
export function narrowedTo(pair: Relationship, { kind, id }: care.ConsentActor): Relationship {
  const consents = pair.consents.filter(
    ({ decision, provision: { actor } }) =>
      (actor?.kind === kind && actor.id === id) || (decision === 'deny' && actor === undefined),
  );
  return { ...pair, storage: false, consents, until: lastEnd(false, consents) };
}

type PairEvent = Exclude<RelationEvent, { type: 'InstitutionRegistered' | 'PatientDeactivated' }>;

const isOfPair = (event: RelationEvent): event is PairEvent =>
  event.type !== 'InstitutionRegistered' && event.type !== 'PatientDeactivated';

/** Nobody reads under the consents of a patient who is inactive; what an institution holds stays its own. */
const withoutConsents = (pair: Relationship): Relationship => ({
  ...pair,
  consents: [],
  until: lastEnd(pair.storage, []),
});

function pairOf(event: PairEvent): string {
  if (event.type === 'StorageAuthorized') return relationshipId(event.item.institution, event.item.patient);
  const { grantee, patient } = consentIn(event);
  return relationshipId(grantee, patient);
}

type ConsentEvent = Exclude<PairEvent, { type: 'StorageAuthorized' }>;

const consentIn = (event: ConsentEvent): care.Consent =>
  event.type === 'GlassBroken' ? event.item.consent : event.item;

function changed(pair: Relationship | undefined, event: PairEvent): Relationship {
  const { storage: stored = false, consents: standing = [] } = pair ?? {};
  const isStorage = event.type === 'StorageAuthorized';
  const storage = isStorage ? event.item.active : stored;
  const consents = isStorage ? standing : withConsent(standing, consentIn(event));
  const institution = isStorage ? event.item.institution : consentIn(event).grantee;
  const { patient } = event.item;
  return {
    _id: relationshipId(institution, patient),
    institution,
    patient,
    storage,
    consents,
    until: lastEnd(storage, consents),
  };
}

function withConsent(consents: readonly care.Consent[], consent: care.Consent): care.Consent[] {
  const others = consents.filter(({ id }) => id !== consent.id);
  const standing = consent.status === 'draft' || consent.status === 'active';
  return (standing ? [...others, consent] : others).sort((a, b) => (a.id < b.id ? -1 : 1));
}

function lastEnd(storage: boolean, consents: readonly care.Consent[]): string {
  if (storage) return never;
  const permitting = consents.filter(({ decision }) => decision === 'permit');
  return permitting.reduce(
    (last, { period }) => ((period.end ?? never) > last ? (period.end ?? never) : last),
    '',
  );
}
