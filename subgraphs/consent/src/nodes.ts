/** From documents to the graph's objects. */
import { type ConsentDocument, type OpeningDocument } from './read-model.js';
import { entryGraphId } from '@medigraph/platform/graph';
import { Consent, ConsentProvision, Entry, Institution, OpenedEntry, Opening, Patient } from './types.js';

export function patientNode(id: string): Patient {
  return Object.assign(new Patient(), { id });
}

export function institutionNode(id: string): Institution {
  return Object.assign(new Institution(), { id });
}

export function entryNode(id: string): Entry {
  return Object.assign(new Entry(), { id });
}

export function consentOf(document: ConsentDocument): Consent {
  const { _id, patient, grantee, provision, since: _since, ...consent } = document;
  return Object.assign(new Consent(), consent, {
    provision: Object.assign(new ConsentProvision(), provision, {
      data: provision.data?.map((entry) => entryGraphId(patient, entry)),
    }),
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
        entry: entryNode(entryGraphId(patient, entry)),
        consentId: consent,
      }),
    ),
    openedAt,
    transaction,
  });
}
