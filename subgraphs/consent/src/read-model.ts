/** What this subgraph keeps of the ledger: consents, emergency accesses, and who did what. */
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
import { type care } from '@medigraph/schema';
import { auditActions, type AuditDocument, auditOf } from './audit-trail.js';
import { type Connection, type Model } from 'mongoose';

export interface ConsentDocument extends ReadModelDocument, Omit<care.Consent, 'id'> {
  /** When it was first heard of: what lists are ordered by. */
  readonly since: string;
  readonly transaction: TransactionReference;
}

export interface OpeningDocument extends ReadModelDocument, Omit<care.Opening, 'transaction'> {
  readonly transaction: TransactionReference;
}

export interface EmergencyDocument extends ReadModelDocument, Omit<care.EmergencyAccess, 'id'> {
  /** Entries whose keys the custodian has disclosed, in order. */
  readonly disclosed: readonly string[];
  readonly transaction: TransactionReference;
}

export interface EmergencyPolicyDocument extends ReadModelDocument, care.EmergencyPolicy {}

/** The one document of its collection. */
export const currentPolicy = 'current';

/** Events that say what a consent has become. */
export const consentEvents = [
  'ConsentRequested',
  'ConsentGranted',
  'ConsentDenied',
  'ConsentRevoked',
  'GlassBroken',
] as const;
/** Events that say what an emergency access has become. */
export const emergencyEvents = ['GlassBroken', 'KeysDisclosed', 'GlassReviewed'] as const;
type EmergencyEvent = KnownEvent<(typeof emergencyEvents)[number]>;
const isOfEmergency = (event: KnownEvent): event is EmergencyEvent =>
  (emergencyEvents as readonly string[]).includes(event.type);
const audited = new Set(Object.keys(auditActions) as (keyof typeof auditActions)[]);
const policySet = new Set(['EmergencyPolicySet'] as const);

/** Consents, emergency accesses and the audit trail. */
export class ConsentBook implements Projection {
  readonly name = 'consent_book';
  readonly channels: readonly string[];
  readonly chaincodes: readonly string[];
  readonly consents: Model<ConsentDocument>;
  readonly openings: Model<OpeningDocument>;
  readonly emergencies: Model<EmergencyDocument>;
  readonly emergencyPolicies: Model<EmergencyPolicyDocument>;
  readonly audit: Model<AuditDocument>;

  constructor(connection: Connection, network: ConnectionProfile) {
    const { channel, chaincode } = placeOf(network, 'care');
    this.channels = [channel];
    this.chaincodes = [chaincode];
    this.consents = readModelCollection(connection, `${this.name}_consents`, [
      { patient: 1, since: -1, _id: -1 },
      { grantee: 1, since: -1, _id: -1 },
    ]);
    this.openings = readModelCollection(connection, `${this.name}_openings`, [
      { patient: 1, openedAt: -1, _id: -1 },
      { actor: 1, openedAt: -1, _id: -1 },
    ]);
    this.emergencies = readModelCollection(connection, `${this.name}_emergencies`, [
      { patient: 1, grantedAt: -1, _id: -1 },
      { institution: 1, grantedAt: -1, _id: -1 },
    ]);
    this.emergencyPolicies = readModelCollection(connection, `${this.name}_emergency_policies`, []);
    this.audit = readModelCollection(connection, `${this.name}_audit`, [
      { patient: 1, recorded: -1, _id: -1 },
      { agent: 1, recorded: -1, _id: -1 },
    ]);
  }

  async apply(events: readonly LedgerEvent[]): Promise<void> {
    const consents: ConsentDocument[] = [];
    const openings: OpeningDocument[] = [];
    const concerned = knownEvents(events, audited);
    for (const event of concerned) {
      if (event.type === 'EntryOpened')
        openings.push({ _id: event.item.transaction, ...event.item, transaction: event.transaction });
      else if (event.type !== 'KeysDisclosed' && event.type !== 'GlassReviewed')
        consents.push(documentOf(consentIn(event), event.transaction));
    }
    const [policy] = knownEvents(events, policySet).slice(-1);
    await Promise.all([
      replaceAll(this.emergencyPolicies, policy ? [{ _id: currentPolicy, ...policy.item }] : []),
      replaceAll(this.consents, consents),
      replaceAll(this.openings, openings),
      replaceAll(this.audit, concerned.map(auditOf)),
      this.#applyEmergencies(concerned.filter(isOfEmergency)),
    ]);
  }

  async clear(): Promise<void> {
    await Promise.all([
      this.consents.deleteMany({}),
      this.openings.deleteMany({}),
      this.emergencies.deleteMany({}),
      this.emergencyPolicies.deleteMany({}),
      this.audit.deleteMany({}),
    ]);
  }

  async #applyEmergencies(events: readonly EmergencyEvent[]): Promise<void> {
    const ids = [...new Set(events.map(emergencyIn))];
    if (ids.length === 0) return;
    const found = await findAll(this.emergencies, ids);
    const documents = new Map(found.flatMap((one) => (one ? [[one._id, one]] : [])));
    for (const event of events) {
      const id = emergencyIn(event);
      documents.set(id, emergencyAfter(documents.get(id), event));
    }
    await replaceAll(this.emergencies, documents.values());
  }
}

/** The consent that an event is about. */
export function consentIn(event: KnownEvent<(typeof consentEvents)[number]>): care.Consent {
  return event.type === 'GlassBroken' ? event.item.consent : event.item;
}

/** Id of the emergency access that an event is about. */
export function emergencyIn(event: EmergencyEvent): string {
  return event.type === 'KeysDisclosed' ? event.item.emergency : event.item.id;
}

/** An emergency access as it is kept after an event. */
function emergencyAfter(before: EmergencyDocument | undefined, event: EmergencyEvent): EmergencyDocument {
  const { transaction } = event;
  const disclosed = before?.disclosed ?? [];
  if (event.type !== 'KeysDisclosed') {
    const { id: _id, ...access } = event.type === 'GlassBroken' ? withoutConsent(event.item) : event.item;
    return { _id, ...access, disclosed, transaction };
  }
  if (!before) throw new TypeError(`keys were disclosed for an unknown emergency ${event.item.emergency}`);
  return { ...before, disclosed: [...new Set([...disclosed, ...event.item.entries])].sort(), transaction };
}

function withoutConsent({ consent: _consent, ...access }: care.BrokenGlass): care.EmergencyAccess {
  return access;
}

/** A consent as it is kept. */
export function documentOf(
  { id, ...consent }: care.Consent,
  transaction: TransactionReference,
): ConsentDocument {
  return { _id: id, ...consent, since: consent.requestedAt ?? consent.decidedAt ?? '', transaction };
}
