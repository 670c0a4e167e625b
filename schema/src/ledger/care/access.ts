/** Consent: who may read what, for what, until when; and who may decide in a patient's name. */
import { z } from 'zod';
import { resourceTypes } from '../../resource-types.js';
import {
  consentActions,
  consentActorKinds,
  consentDecisions,
  consentStatuses,
  delegatedActs,
  entryCategories,
  personalRelationships,
  purposesOfUse,
} from '../../vocabulary.js';
import { chainAddress, dayPeriod, identifier, instant, instantPeriod } from '../primitives.js';
import { maxBatch } from './batch.js';
import { grantedKey } from './records.js';

/** FHIR R5 Consent.provision.actor: the one of the grantee's people or programs that may act; absent, whoever the grantee lets. */
export const consentActor = z.strictObject({ kind: z.enum(consentActorKinds), id: identifier });
export type ConsentActor = z.infer<typeof consentActor>;

/** FHIR R5 Consent.provision: what is opened, to whom of the grantee, for what, how far back. */
export const provision = z.strictObject({
  purpose: z.array(z.enum(purposesOfUse)).min(1),
  /** Absent means `access`: the grantee reads. To `disclose` is to pass keys on once the glass is broken, and to read nothing. */
  action: z.enum(consentActions).optional(),
  actor: consentActor.optional(),
  /** FHIR R4 types opened; absent means all. */
  resourceType: z.array(z.enum(resourceTypes)).min(1).max(resourceTypes.length).optional(),
  /** Categories opened; absent means all. */
  category: z.array(z.enum(entryCategories)).min(1).optional(),
  /** Single entries opened; absent means whatever the rest covers. */
  data: z.array(identifier).min(1).max(maxBatch).optional(),
  /** Entry dates opened. */
  dataPeriod: dayPeriod.optional(),
});
export type Provision = z.infer<typeof provision>;

/** What a person whom a consent is granted to may do in the patient's name, and as whom. */
export const delegation = z.strictObject({
  relationship: z.enum(personalRelationships),
  acts: z.array(z.enum(delegatedActs)).min(1),
});
export type Delegation = z.infer<typeof delegation>;

export const consent = z.strictObject({
  id: identifier,
  status: z.enum(consentStatuses),
  decision: z.enum(consentDecisions),
  /** FHIR Consent.subject. */
  patient: chainAddress,
  /** FHIR Consent.grantor: who decided, if it was not the patient: a delegate's address, or the organisation that enrolled the patient. */
  grantor: identifier.optional(),
  /** FHIR Consent.grantee: institution id, or a person's chain address. */
  grantee: identifier,
  /** When the consent may be used. */
  period: instantPeriod,
  provision,
  delegation: delegation.optional(),
  /** Of a consent that was made by breaking the glass: the one under which its keys are disclosed. */
  basis: identifier.optional(),
  reason: z.string().max(500).optional(),
  requestedAt: instant.optional(),
  decidedAt: instant.optional(),
});
export type Consent = z.infer<typeof consent>;

/** In whose name someone acts to whom it was delegated; absent, their own. */
const onBehalfOf = chainAddress.optional();
const keys = z.array(grantedKey.omit({ consent: true })).max(4 * maxBatch);

/** Most requests of one grantee that wait for one patient's decision. */
export const maxPendingRequests = 10;

/** By the grantee's organisation: status `draft`. */
export const requestAccess = consent.pick({
  id: true,
  patient: true,
  grantee: true,
  period: true,
  provision: true,
  reason: true,
});
/** By the patient: a `draft` becomes `active`, with the keys of what it covers. `narrowed` may only take away. */
export const grantAccess = z.strictObject({
  consent: identifier,
  onBehalfOf,
  narrowed: z.strictObject({ period: instantPeriod.optional(), provision: provision.optional() }).optional(),
  keys,
});
const terms = consent.pick({ id: true, grantee: true, period: true, provision: true, reason: true });
/** By the patient of their own motion: consents that are `active` at once, each with keys of what it covers. */
export const offerAccess = z.strictObject({
  onBehalfOf,
  consents: z.array(terms.extend({ keys })).min(1).max(maxBatch),
});
/** By the patient: what a grantee may not read, whatever else permits it, until it is revoked. Decision `deny`, status `active`. */
export const refuseAccess = terms.extend({ onBehalfOf });
/**
 * By the patient: a person who reads and acts in their name. By the organisation that enrolled the patient, who is named
 * then: a parent's or a guardian's place.
 */
export const delegateAccess = terms.extend({
  grantee: chainAddress,
  patient: chainAddress.optional(),
  delegation,
  keys,
});
export type DelegateAccess = z.infer<typeof delegateAccess>;
/** By the patient: more keys under an active consent, for the many entries that one transaction does not carry. */
export const addKeys = z.strictObject({ consent: identifier, onBehalfOf, keys: keys.min(1) });
/**
 * By the patient. Deny ends a `draft` (status `not-done`, decision `deny`), revoke an `active` one (status `inactive`);
 * revoking removes every key granted under it. A reason given here replaces the request's.
 */
export const endConsent = z.strictObject({
  consent: identifier,
  onBehalfOf,
  reason: z.string().max(500).optional(),
});
/** One consent, for the patient and the grantee; anyone else is told that there is none. */
export const readConsent = z.strictObject({ consent: identifier });
export const consentsOf = z.strictObject({ patient: chainAddress });

/**
 * May a grantee read a patient's entries for a purpose now? Answered to the patient, to whoever decides in their name, to the
 * grantee's organisation, and to the contracts of the DApp that is the actor; to anyone else as if there were no consent.
 */
export const permits = z.strictObject({
  patient: chainAddress,
  /** Absent means any. */
  grantee: identifier.optional(),
  purpose: z.enum(purposesOfUse),
  /** Absent asks for a consent to all of them. */
  category: z.enum(entryCategories).optional(),
  /** Absent means nobody of the grantee in particular. */
  actor: consentActor.optional(),
});
/** Whether it is permitted, and by which consent. */
export const permission = z.strictObject({ permitted: z.boolean(), consent: identifier.optional() });
export type Permission = z.infer<typeof permission>;
