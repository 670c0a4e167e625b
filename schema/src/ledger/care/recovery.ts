/** How a patient whose key is lost comes to another: with the yes of guardians they named, and after a time to object. */
import { z } from 'zod';
import {
  chainAddress,
  encryptionKey,
  identifier,
  instant,
  sealedBody,
  sha256,
  wrappedKey,
} from '../primitives.js';
import { maxBatch } from './batch.js';

/** Most guardians that a patient may name. */
const mostGuardians = 20;
const daySeconds = 86_400;

/** Whom a patient trusts with giving them another key: patients by chain address, institutions by id. */
export const guardianship = z.strictObject({
  patient: chainAddress,
  guardians: z.array(identifier).min(1).max(mostGuardians),
  /** How many of them must agree. */
  threshold: z.int().min(1).max(mostGuardians),
  /** Seconds that a recovery waits once they have, in which the key there is can cancel it; a day to 90. */
  waitingSeconds: z
    .int()
    .min(daySeconds)
    .max(90 * daySeconds),
  namedAt: instant,
  /** Whether each of them has a share of the patient's decryption keys. */
  sharesKeys: z.boolean(),
});
export type Guardianship = z.infer<typeof guardianship>;

/** A guardian's share, wrapped for their encryption key. */
export const sealedShare = z.strictObject({
  share: wrappedKey,
  /** Of the share as it is in there: what tells another one. */
  sha256,
});
export type SealedShare = z.infer<typeof sealedShare>;

/**
 * The decryption keys of a patient, sealed under a secret of which each guardian has a share: the threshold of the
 * guardianship together bring it back, fewer learn nothing of it.
 */
export const keyEscrow = z.strictObject({
  /** Private keys as a JSON array of JWK, newest first: a compact JWE, `dir` under the secret. */
  keys: sealedBody.max(32_000),
  /** By guardian. */
  shares: z.record(identifier, sealedShare),
});
export type KeyEscrow = z.infer<typeof keyEscrow>;

/** A share that a guardian has handed over, wrapped for the key that followed. */
export const handedShare = z.strictObject({ guardian: identifier, share: wrappedKey, sha256 });
export type HandedShare = z.infer<typeof handedShare>;

/** What a patient who was given another key has of their former ones. */
export const recoveredKeys = z.strictObject({
  threshold: z.int(),
  keys: keyEscrow.shape.keys,
  shares: z.array(handedShare),
});
export type RecoveredKeys = z.infer<typeof recoveredKeys>;

export const recoveryStatuses = ['requested', 'approved', 'cancelled', 'completed'] as const;

export const recovery = z.strictObject({
  patient: chainAddress,
  /** Chain address of the key that is to follow; names the recovery among those of the patient. */
  signer: chainAddress,
  encryptionKey,
  status: z.enum(recoveryStatuses),
  /** Of the guardianship under which it was requested. */
  namedAt: instant,
  requestedAt: instant,
  /** Guardians who agreed, in their order. */
  approvedBy: z.array(identifier),
  /** From when it can be completed, once enough have agreed. */
  effectiveAt: instant.optional(),
});
export type Recovery = z.infer<typeof recovery>;

/** By the patient; takes the place of what they named before, and ends recoveries under it. */
export const nameGuardians = guardianship
  .pick({ guardians: true, threshold: true, waitingSeconds: true })
  .extend({
    /** A share for every guardian and nobody else; absent, a recovery brings no keys back. Not for a threshold of one. */
    escrow: keyEscrow.optional(),
  });
/** For the patient. */
export const readGuardianship = z.strictObject({});
/** Signed by the key that is to follow. */
export const requestRecovery = recovery.pick({ patient: true, encryptionKey: true });
/** By a guardian; `institution` if it is one, absent for a patient. */
export const approveRecovery = z.strictObject({
  patient: chainAddress,
  signer: chainAddress,
  institution: identifier.optional(),
});
/** By the patient, with the key there is. */
export const cancelRecovery = z.strictObject({ signer: chainAddress });
/** Signed by the key that is to follow, once the time has passed. */
export const completeRecovery = z.strictObject({ patient: chainAddress });
/** For the patient, the key that is to follow, and the guardians; anyone else is told that there is none. */
export const readRecovery = z.strictObject({ patient: chainAddress, signer: chainAddress });
/** By a guardian, about their own share; `institution` if it is one. */
export const readShare = z.strictObject({ patient: chainAddress, institution: identifier.optional() });
/** By a guardian, once the recovery is completed: their share, wrapped for the key that followed. */
export const handOverShare = z.strictObject({
  patient: chainAddress,
  signer: chainAddress,
  institution: identifier.optional(),
  share: wrappedKey,
});
export const shareHandedOver = z.strictObject({
  patient: chainAddress,
  signer: chainAddress,
  guardian: identifier,
  handedAt: instant,
});
/**
 * By a guardian, once their encryption key is another: the same shares, wrapped for the new one. Each names by its digest
 * the share that it was, so that none takes the place of another that the patient has made since.
 */
export const rewrapShares = z.strictObject({
  institution: identifier.optional(),
  shares: z
    .array(z.strictObject({ patient: chainAddress, ...sealedShare.shape }))
    .min(1)
    .max(maxBatch),
  /** How many more there are to be wrapped anew, as far as is known to whose they are. */
  left: z.int().min(0).optional(),
});
/** For the patient, whose key followed in a recovery. */
export const readRecoveredKeys = z.strictObject({});
