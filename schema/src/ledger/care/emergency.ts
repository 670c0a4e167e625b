/** Breaking the glass: access in an emergency, to what the patient let a custodian keep keys of. */
import { z } from 'zod';
import { emergencyOutcomes, emergencyPurposes } from '../../vocabulary.js';
import { chainAddress, identifier, instant, mspId, wrappedKey } from '../primitives.js';
import { consent, consentActor } from './access.js';
import { maxBatch } from './batch.js';
import { grantedKey } from './records.js';

/** How the consortium lets the glass be broken. */
export const emergencyPolicy = z.strictObject({
  /** Longest time for which it stays broken, in minutes: a day at most. */
  maxMinutes: z
    .int()
    .min(1)
    .max(24 * 60),
  /** Within how many hours it is to be reviewed: a month at most. */
  reviewHours: z
    .int()
    .min(1)
    .max(30 * 24),
  /** Institution id of the regulator that set it, and when; absent while it is {@link defaultEmergencyPolicy}. */
  setBy: identifier.optional(),
  setAt: instant.optional(),
});
export type EmergencyPolicy = z.infer<typeof emergencyPolicy>;

/** What holds until a regulator sets another. */
export const defaultEmergencyPolicy: EmergencyPolicy = { maxMinutes: 240, reviewHours: 72 };

/** For how long the glass is broken if nobody says, unless the policy lets less. */
export const usualEmergencyMinutes = 60;

/** By a regulator, for every emergency from then on. */
export const setEmergencyPolicy = emergencyPolicy
  .pick({ maxMinutes: true, reviewHours: true })
  .extend({ institution: identifier });
/** For everyone. */
export const readEmergencyPolicy = z.strictObject({});

const signature = z.strictObject({
  mspId,
  /** Chain address of the key that signed. */
  signer: chainAddress,
  /** Who of the organisation, as the certificate that signed says. */
  by: consentActor.optional(),
});

/** What became of an emergency access once someone else looked at it. */
export const emergencyReview = signature.extend({
  /** Institution id. */
  reviewer: identifier,
  outcome: z.enum(emergencyOutcomes),
  comment: z.string().min(1).max(500),
  reviewedAt: instant,
});

/** Access that an institution took in an emergency. Its id is that of the consent that it made. */
export const emergencyAccess = signature.extend({
  id: identifier,
  patient: chainAddress,
  institution: identifier,
  /** Institution that discloses the keys, and the patient's consent under which it does. */
  custodian: identifier,
  custodianMspId: mspId,
  basis: identifier,
  purpose: z.enum(emergencyPurposes),
  reason: z.string().min(10).max(500),
  grantedAt: instant,
  expiresAt: instant,
  /** When it should have been reviewed, by the policy of when the glass was broken. */
  reviewDueAt: instant,
  review: emergencyReview.optional(),
});
export type EmergencyAccess = z.infer<typeof emergencyAccess>;

/**
 * By a hospital, about a patient who lets a custodian disclose keys in an emergency: a consent of the same provision that
 * runs out by itself. Breaking it again needs another id and leaves another trace.
 */
export const breakGlass = emergencyAccess
  .pick({ id: true, patient: true, institution: true, purpose: true, reason: true })
  .extend({ minutes: emergencyPolicy.shape.maxMinutes.optional() });
/** What the event tells of it: the access, and the consent by which it reads. */
export const brokenGlass = emergencyAccess.extend({ consent });
export type BrokenGlass = z.infer<typeof brokenGlass>;

/** Evaluated by the custodian: the keys that it keeps of what an emergency access covers, a page of entries at a time. */
export const keysToDisclose = z.strictObject({
  emergency: identifier,
  pageSize: z.int().min(1).max(1000),
  bookmark: z.string().max(1024).optional(),
});
export const keyToDisclose = z.strictObject({ entry: identifier, key: wrappedKey });
/** By the custodian: the same keys, wrapped for the institution that broke the glass. */
export const discloseKeys = z.strictObject({
  emergency: identifier,
  keys: z
    .array(grantedKey.omit({ consent: true }))
    .min(1)
    .max(4 * maxBatch),
});
/** Keys that a custodian passed on. */
export const disclosure = signature.extend({
  emergency: identifier,
  patient: chainAddress,
  institution: identifier,
  custodian: identifier,
  entries: z.array(identifier).min(1),
  disclosedAt: instant,
});
export type Disclosure = z.infer<typeof disclosure>;

/**
 * For an institution: a regulator, or the one that broke the glass, by another signer than the one that did. Once, and to
 * anyone else there is no such access.
 */
export const reviewBreakGlass = emergencyReview
  .pick({ outcome: true, comment: true })
  .extend({ emergency: identifier, institution: identifier });
/** For the patient (who names no institution), the institution that broke the glass, and regulators. */
export const readEmergency = z.strictObject({ emergency: identifier, institution: identifier.optional() });
/** A page of those that no one has reviewed, oldest first: all for a regulator, to a hospital its own. */
export const unreviewedEmergencies = z.strictObject({
  institution: identifier,
  pageSize: z.int().min(1).max(1000),
  bookmark: z.string().max(1024).optional(),
});
