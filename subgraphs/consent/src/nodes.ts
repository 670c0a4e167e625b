/** From documents to the graph's objects. */
import { type ConsentDocument, type OpeningDocument } from './read-model.js';
import { Consent, Entry, Institution, OpenedEntry, Opening, Patient } from './types.js';

export function patientNode(id: string): Patient {
  return Object.assign(new Patient(), { id });
}

export function institutionNode(id: string): Institution {
  return Object.assign(new Institution(), { id });
}

export function consentOf({ _id, patient, grantee, since: _since, ...consent }: ConsentDocument): Consent {
  return Object.assign(new Consent(), consent, {
    id: _id,
    patient: patientNode(patient),
    grantee: institutionNode(grantee),
  });
}

export function openingOf(document: OpeningDocument): Opening {
  const { _id, patient, actor, mspId, signer, purpose, entries, openedAt, transaction } = document;
  return Object.assign(new Opening(), {
    id: _id,
    patient: patientNode(patient),
    institution: actor === patient ? undefined : institutionNode(actor),
    organization: mspId,
    signer,
    purpose,
    entries: entries.map(({ entry, consent }) =>
      Object.assign(new OpenedEntry(), {
        entry: Object.assign(new Entry(), { id: entry }),
        consentId: consent,
      }),
    ),
    openedAt,
    transaction,
  });
}
