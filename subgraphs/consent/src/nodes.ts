/** From documents to the graph's objects. */
import { type AuditDocument, isPerson } from './audit-trail.js';
import { AuditEvent } from './audit-types.js';
import { EmergencyAccess, EmergencyPolicy, EmergencyReview } from './emergency-types.js';
import { type ConsentDocument, type EmergencyDocument, type OpeningDocument } from './read-model.js';
import { entryGraphId } from '@medigraph/platform/graph';
import { type care } from '@medigraph/schema';
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
    ...(isPerson(grantee)
      ? { grantee: undefined, granteePerson: patientNode(grantee) }
      : { grantee: institutionNode(grantee) }),
  });
}

/** @param consent - the one that it made, if the caller may see it. */
export function emergencyOf(
  document: EmergencyDocument,
  consent: ConsentDocument | undefined,
): EmergencyAccess {
  const { _id, patient, institution, custodian, disclosed, review, ...access } = document;
  return Object.assign(new EmergencyAccess(), access, {
    id: _id,
    patient: patientNode(patient),
    institution: institutionNode(institution),
    custodian: institutionNode(custodian),
    disclosed: disclosed.length,
    consent: consent && consentOf(consent),
    review:
      review &&
      Object.assign(new EmergencyReview(), review, {
        institution: institutionNode(review.reviewer),
        organization: review.mspId,
      }),
  });
}

export function emergencyPolicyOf({ setBy, ...policy }: care.EmergencyPolicy): EmergencyPolicy {
  return Object.assign(new EmergencyPolicy(), policy, {
    setBy: setBy === undefined ? undefined : institutionNode(setBy),
  });
}

export function auditEventOf({
  _id,
  patient,
  agent,
  entries,
  purpose,
  ...document
}: AuditDocument): AuditEvent {
  return Object.assign(new AuditEvent(), document, {
    id: _id,
    patient: patientNode(patient),
    purposeOfEvent: [...purpose],
    entries: entries.map((one) => openedEntryOf(patient, one)),
    ...agentOf(agent, document.event),
  });
}

/** Of decisions about consents, an agent that is no person is the organisation that enrolled the patient. */
function agentOf(agent: string, event: string): Pick<AuditEvent, 'institution' | 'person' | 'organization'> {
  if (isPerson(agent)) return { person: patientNode(agent) };
  const isDecision = event.startsWith('Consent') && event !== 'ConsentRequested';
  return isDecision ? { organization: agent } : { institution: institutionNode(agent) };
}

function openedEntryOf(patient: string, { entry, consent }: AuditDocument['entries'][number]): OpenedEntry {
  return Object.assign(new OpenedEntry(), {
    entry: entryNode(entryGraphId(patient, entry)),
    consentId: consent,
  });
}

export function openingOf(document: OpeningDocument): Opening {
  const { _id, patient, actor, by, mspId, signer, purpose, entries, openedAt, transaction } = document;
  return Object.assign(new Opening(), {
    id: _id,
    patient: patientNode(patient),
    institution: isPerson(actor) ? undefined : institutionNode(actor),
    by,
    person: isPerson(actor) && actor !== patient ? patientNode(actor) : undefined,
    organization: mspId,
    signer,
    purpose,
    entries: entries.map((one) => openedEntryOf(patient, one)),
    openedAt,
    transaction,
  });
}
