/** From documents to the graph's objects. */
import { type InstitutionDocument, type PatientDocument, type PractitionerDocument } from './read-model.js';
import { Institution, Patient, Practitioner } from './types.js';

export function patientOf({ _id, status, mspId, registeredAt }: PatientDocument): Patient {
  return Object.assign(new Patient(), {
    id: _id,
    active: status === 'active',
    organization: mspId,
    registeredAt,
  });
}

export function institutionOf({ _id, name, kind, mspId, registeredAt }: InstitutionDocument): Institution {
  return Object.assign(new Institution(), { id: _id, name, kind, organization: mspId, registeredAt });
}

export function practitionerOf({ _id, name, institution, registeredAt }: PractitionerDocument): Practitioner {
  return Object.assign(new Practitioner(), { id: _id, name, institutionId: institution, registeredAt });
}
