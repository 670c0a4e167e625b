/** From documents to the graph's objects. */
import { type EntryDocument } from './read-model.js';
import { Entry, Institution, Patient } from './types.js';

export function patientNode(id: string): Patient {
  return Object.assign(new Patient(), { id });
}

export function institutionNode(id: string): Institution {
  return Object.assign(new Institution(), { id });
}

export function entryOf({ _id, id: _ledgerId, patient, institution, ...entry }: EntryDocument): Entry {
  return Object.assign(new Entry(), entry, {
    id: _id,
    patient: patientNode(patient),
    institution: institution === patient ? undefined : institutionNode(institution),
  });
}
