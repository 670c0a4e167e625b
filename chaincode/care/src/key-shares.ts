/** How the decryption keys of a patient come back with a recovery: shares of them, which guardians keep and hand over. */
import { type care } from '@medigraph/schema';
import { ContractError, demand, demandDistinct } from '@medigraph/chaincode-lib';
import { type z } from 'zod';
import { type CareContext, signerOf } from './care-context.js';

/** The same words whether there is none or it is not the caller's to see. */
export function recoveryNotFound(patient: string): ContractError {
  return new ContractError(
    'RECOVERY_NOT_FOUND',
    `there is no recovery of patient ${patient} that you may see`,
  );
}

/** The caller as a guardian: an institution of theirs, or themself. */
export async function callingGuardian(ctx: CareContext, institution: string | undefined): Promise<string> {
  if (institution !== undefined) return (await ctx.institutionOfCaller(institution)).id;
  return (await ctx.callingPatient()).address;
}

/**
 * Keeps what the patient's guardians have shares of, in place of what there was.
 * @throws {@link ContractError} `ARGUMENT_INVALID` unless each guardian has one, and one of them alone opens nothing.
 */
export async function keepEscrow(
  ctx: CareContext,
  patient: string,
  { guardians, threshold, escrow }: z.output<typeof care.nameGuardians>,
): Promise<void> {
  if (!escrow) return ctx.escrows.delete(patient);
  demand(
    threshold > 1,
    'ARGUMENT_INVALID',
    'escrow: a guardian alone would have the keys; name a threshold of at least two',
  );
  const holders = Object.keys(escrow.shares);
  demand(
    holders.length === guardians.length && guardians.every((id) => Object.hasOwn(escrow.shares, id)),
    'ARGUMENT_INVALID',
    'escrow.shares: must have one for each guardian, and none for anybody else',
  );
  await ctx.escrows.put(escrow, patient);
}

/** The share of the calling guardian. @throws {@link ContractError} `RECOVERY_NOT_FOUND`. */
export async function ownShare(
  ctx: CareContext,
  { patient, institution }: z.output<typeof care.readShare>,
): Promise<care.SealedShare> {
  const guardian = await callingGuardian(ctx, institution);
  const { share } = await shareOf(ctx, patient, guardian);
  return share;
}

/**
 * A guardian's share for the key that followed. Not before the recovery is completed: as long as the key there is can
 * cancel it, nothing of the former keys leaves a guardian.
 * @throws {@link ContractError} `RECOVERY_NOT_FOUND`, `RECOVERY_STATE_INVALID`.
 */
export async function handOverShare(
  ctx: CareContext,
  { patient, signer, institution, share }: z.output<typeof care.handOverShare>,
): Promise<z.output<typeof care.shareHandedOver>> {
  const guardian = await callingGuardian(ctx, institution);
  const [kept, recovery] = await Promise.all([
    shareOf(ctx, patient, guardian),
    ctx.recoveries.get(patient, signer),
  ]);
  if (!recovery) throw recoveryNotFound(patient);
  demand(
    recovery.status === 'completed' && recovery.namedAt === kept.namedAt,
    'RECOVERY_STATE_INVALID',
    `the recovery to key ${signer} is ${recovery.status}, or under other guardians: nothing is handed over`,
  );
  const { sha256 } = kept.share;
  await ctx.handedShares.put({ guardian, share, sha256 }, patient, signer, guardian);
  return { patient, signer, guardian, handedAt: ctx.now };
}

/**
 * Puts a guardian's shares, wrapped for another key of theirs, in place of those there are.
 * @throws {@link ContractError} `RECOVERY_NOT_FOUND` where the caller has no such share, or has another one now.
 */
export async function rewrapShares(
  ctx: CareContext,
  { institution, shares, left }: z.output<typeof care.rewrapShares>,
): Promise<care.Rewrapped> {
  const owner = await callingGuardian(ctx, institution);
  demandDistinct(
    shares.map(({ patient }) => patient),
    (index) => `shares.${index}.patient`,
  );
  await Promise.all(
    shares.map(async ({ patient, share, sha256 }) => {
      const escrow = await ctx.escrows.get(patient);
      if (escrow?.shares[owner]?.sha256 !== sha256) throw recoveryNotFound(patient);
      await ctx.escrows.put({ ...escrow, shares: { ...escrow.shares, [owner]: { share, sha256 } } }, patient);
    }),
  );
  return { owner, keys: shares.length, ...(left !== undefined && { left }) };
}

/** What guardians have handed over to the calling patient. @throws {@link ContractError} `RECOVERY_NOT_FOUND`. */
export async function recoveredKeys(ctx: CareContext): Promise<care.RecoveredKeys> {
  const patient = await ctx.callingPatient();
  const { address } = patient;
  const signer = signerOf(patient);
  const [guardianship, escrow, recovery] = await Promise.all([
    ctx.guardianships.get(address),
    ctx.escrows.get(address),
    ctx.recoveries.get(address, signer),
  ]);
  if (!guardianship || !escrow || recovery?.namedAt !== guardianship.namedAt) throw recoveryNotFound(address);
  return {
    threshold: guardianship.threshold,
    keys: escrow.keys,
    shares: await ctx.handedShares.all(address, signer),
  };
}

async function shareOf(
  ctx: CareContext,
  patient: string,
  guardian: string,
): Promise<{ share: care.SealedShare; namedAt: string }> {
  const [guardianship, escrow] = await Promise.all([
    ctx.guardianships.get(patient),
    ctx.escrows.get(patient),
  ]);
  const share = escrow?.shares[guardian];
  if (!guardianship || !share) throw recoveryNotFound(patient);
  return { share, namedAt: guardianship.namedAt };
}
