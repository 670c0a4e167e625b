/** What this subgraph keeps of the ledger: who is registered. */
import {
  knownEvents,
  placeOf,
  readModelCollection,
  type ReadModelDocument,
  replaceAll,
} from '@medigraph/platform/graph';
import { type ConnectionProfile } from '@medigraph/platform/ledger';
import { type LedgerEvent, type Projection } from '@medigraph/platform/projection';
import { type care } from '@medigraph/schema';
import { type Connection, type Model } from 'mongoose';

export interface PatientDocument extends ReadModelDocument {
  readonly patientIdHash: string;
  readonly mspId: string;
  readonly status: care.Patient['status'];
  readonly registeredAt: string;
}
export interface InstitutionDocument extends ReadModelDocument {
  readonly name: string;
  readonly kind: care.Institution['kind'];
  readonly mspId: string;
  readonly registeredAt: string;
}
export interface PractitionerDocument extends ReadModelDocument {
  readonly name: string;
  readonly institution: string;
  readonly registeredAt: string;
}

/** Events that say how a patient is registered now. */
export const patientEvents = ['PatientRegistered', 'KeyRotated', 'PatientDeactivated'] as const;

const registrations = new Set(['InstitutionRegistered', 'PractitionerRegistered', ...patientEvents] as const);

/** A patient as the read model has them. */
export function documentOfPatient(patient: care.Patient): PatientDocument {
  const { address, patientIdHash, mspId, status, registeredAt } = patient;
  return { _id: address, patientIdHash, mspId, status, registeredAt };
}

/** The registry of the care channel. */
export class Registry implements Projection {
  readonly name = 'patients_registry';
  readonly channels: readonly string[];
  readonly chaincodes: readonly string[];
  readonly patients: Model<PatientDocument>;
  readonly institutions: Model<InstitutionDocument>;
  readonly practitioners: Model<PractitionerDocument>;

  constructor(connection: Connection, network: ConnectionProfile) {
    const { channel, chaincode } = placeOf(network, 'care');
    this.channels = [channel];
    this.chaincodes = [chaincode];
    this.patients = readModelCollection(connection, `${this.name}_patients`, [{ patientIdHash: 1 }]);
    this.institutions = readModelCollection(connection, `${this.name}_institutions`, [{ kind: 1 }]);
    this.practitioners = readModelCollection(connection, `${this.name}_practitioners`, [{ institution: 1 }]);
  }

  async apply(events: readonly LedgerEvent[]): Promise<void> {
    const patients: PatientDocument[] = [];
    const institutions: InstitutionDocument[] = [];
    const practitioners: PractitionerDocument[] = [];
    for (const event of knownEvents(events, registrations)) {
      if (event.type === 'InstitutionRegistered') {
        const { id, name, kind, mspId, registeredAt } = event.item;
        institutions.push({ _id: id, name, kind, mspId, registeredAt });
      } else if (event.type === 'PractitionerRegistered') {
        const { id, name, institution, registeredAt } = event.item;
        practitioners.push({ _id: id, name, institution, registeredAt });
      } else {
        patients.push(documentOfPatient(event.item));
      }
    }
    await Promise.all([
      replaceAll(this.patients, patients),
      replaceAll(this.institutions, institutions),
      replaceAll(this.practitioners, practitioners),
    ]);
  }

  async clear(): Promise<void> {
    await Promise.all([
      this.patients.deleteMany({}),
      this.institutions.deleteMany({}),
      this.practitioners.deleteMany({}),
    ]);
  }
}
