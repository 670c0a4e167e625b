/** How a patient whose key is lost comes to another: with the yes of guardians they named, and after a time to object. */
import { z } from 'zod';
import { chainAddress, encryptionKey, identifier, instant } from '../primitives.js';

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
});
export type Guardianship = z.infer<typeof guardianship>;

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
export const nameGuardians = guardianship.pick({ guardians: true, threshold: true, waitingSeconds: true });
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
