import { care } from '@medigraph/schema';
import { demand, demandDistinct, Returns, Transaction } from '@medigraph/chaincode-lib';
import { CareContext } from './care-context.js';
import { CareContract } from './care-contract.js';
import {
  callingGuardian,
  handOverShare,
  keepEscrow,
  ownShare,
  recoveredKeys,
  recoveryNotFound,
  rewrapShares,
} from './key-shares.js';

function demandStatus({ signer, status }: care.Recovery, allowed: readonly care.Recovery['status'][]): void {
  demand(
    allowed.includes(status),
    'RECOVERY_STATE_INVALID',
    `the recovery to key ${signer} is ${status}, not ${allowed.join(' or ')}`,
  );
}

/**
 * Another key for a patient whose key is lost: guardians whom the patient named agree, then it waits, and the key there
 * is can cancel it all the while.
 */
export class Recovery extends CareContract {
  constructor() {
    super('Recovery');
  }

  /** By the patient. */
  @Transaction()
  @Returns('string')
  async NameGuardians(ctx: CareContext, argument: string): Promise<string> {
    const asked = ctx.argument(care.nameGuardians, argument);
    const { guardians, threshold, waitingSeconds, escrow } = asked;
    demandDistinct(guardians, (index) => `guardians.${index}`);
    const { address } = await ctx.callingPatient();
    demand(
      threshold <= guardians.length,
      'ARGUMENT_INVALID',
      `threshold: must be at most ${guardians.length}, the number of guardians`,
    );
    demand(!guardians.includes(address), 'ARGUMENT_INVALID', 'guardians: nobody is their own guardian');
    await Promise.all(guardians.map((id) => this.#demandParty(ctx, id)));
    const named: care.Guardianship = {
      patient: address,
      guardians,
      threshold,
      waitingSeconds,
      namedAt: ctx.now,
      sharesKeys: escrow !== undefined,
    };
    await keepEscrow(ctx, address, asked);
    await ctx.guardianships.put(named, address);
    ctx.emit('GuardiansNamed', [named]);
    return ctx.answer(named);
  }

  /** Signed by the key that is to follow, which the patient's organisation has enrolled. */
  @Transaction()
  @Returns('string')
  async Request(ctx: CareContext, argument: string): Promise<string> {
    const { patient: address, encryptionKey } = ctx.argument(care.requestRecovery, argument);
    const { address: signer, mspId, isPerson } = ctx.caller;
    const patient = await ctx.activePatient(address);
    demand(
      isPerson && mspId === patient.mspId,
      'CALLER_FORBIDDEN',
      `the key must be enrolled as a person of ${patient.mspId}`,
    );
    await ctx.demandNewKey(signer);
    const [guardianship, known] = await Promise.all([
      ctx.guardianships.get(address),
      ctx.recoveries.get(address, signer),
    ]);
    if (!guardianship) throw recoveryNotFound(address);
    demand(!known, 'RECOVERY_STATE_INVALID', 'a recovery to this key was requested before');
    const requested: care.Recovery = {
      patient: address,
      signer,
      encryptionKey,
      status: 'requested',
      namedAt: guardianship.namedAt,
      requestedAt: ctx.now,
      approvedBy: [],
    };
    await this.#put(ctx, requested);
    ctx.emit('RecoveryRequested', [requested]);
    return ctx.answer(requested);
  }

  /** By a guardian, once. With the last one needed the waiting begins. */
  @Transaction()
  @Returns('string')
  async Approve(ctx: CareContext, argument: string): Promise<string> {
    const { patient, signer, institution } = ctx.argument(care.approveRecovery, argument);
    const guardian = await callingGuardian(ctx, institution);
    const { recovery, guardianship } = await this.#standing(ctx, patient, signer);
    if (!guardianship.guardians.includes(guardian)) throw recoveryNotFound(patient);
    demandStatus(recovery, ['requested']);
    demand(
      !recovery.approvedBy.includes(guardian),
      'RECOVERY_STATE_INVALID',
      `guardian ${guardian} has agreed already`,
    );
    const approvedBy = [...recovery.approvedBy, guardian];
    const effectiveAt = new Date(Date.parse(ctx.now) + guardianship.waitingSeconds * 1000).toISOString();
    const isApproved = approvedBy.length >= guardianship.threshold;
    const next: care.Recovery = {
      ...recovery,
      approvedBy,
      ...(isApproved && { status: 'approved' as const, effectiveAt }),
    };
    await this.#put(ctx, next);
    ctx.emit('RecoveryApproved', [next]);
    return ctx.answer(next);
  }

  /** By the patient, with the key there is: for as long as it is not completed. */
  @Transaction()
  @Returns('string')
  async Cancel(ctx: CareContext, argument: string): Promise<string> {
    const { signer } = ctx.argument(care.cancelRecovery, argument);
    const { address } = await ctx.callingPatient();
    const recovery = await ctx.recoveries.get(address, signer);
    if (!recovery) throw recoveryNotFound(address);
    demandStatus(recovery, ['requested', 'approved']);
    const cancelled: care.Recovery = { ...recovery, status: 'cancelled' };
    await this.#put(ctx, cancelled);
    ctx.emit('RecoveryCancelled', [cancelled]);
    return ctx.answer(cancelled);
  }

  /** Signed by the key that is to follow: from now on it signs for the patient, and the one before is nobody's. */
  @Transaction()
  @Returns('string')
  async Complete(ctx: CareContext, argument: string): Promise<string> {
    const { patient: address } = ctx.argument(care.completeRecovery, argument);
    const { address: signer, mspId } = ctx.caller;
    const { recovery } = await this.#standing(ctx, address, signer);
    demandStatus(recovery, ['approved']);
    demand(
      recovery.effectiveAt !== undefined && recovery.effectiveAt <= ctx.now,
      'RECOVERY_STATE_INVALID',
      `the recovery waits until ${recovery.effectiveAt ?? ''}`,
    );
    const patient = await ctx.activePatient(address);
    demand(patient.mspId === mspId, 'CALLER_FORBIDDEN', `the key must be one of ${patient.mspId}`);
    await ctx.demandNewKey(signer);
    const rotated: care.Patient = { ...patient, signer, encryptionKey: recovery.encryptionKey };
    await Promise.all([
      ctx.patients.put(rotated, address),
      ctx.signers.put(address, signer),
      this.#put(ctx, { ...recovery, status: 'completed' }),
    ]);
    ctx.emit('KeyRotated', [rotated]);
    return ctx.answer(rotated);
  }

  /** For the patient, the key that is to follow, and the guardians. */
  @Transaction(false)
  @Returns('string')
  async Read(ctx: CareContext, argument: string): Promise<string> {
    const { patient, signer } = ctx.argument(care.readRecovery, argument);
    const [recovery, guardianship, self] = await Promise.all([
      ctx.recoveries.get(patient, signer),
      ctx.guardianships.get(patient),
      ctx.patientOfCaller(),
    ]);
    if (!recovery || !guardianship) throw recoveryNotFound(patient);
    const own = self && (self.address === patient || guardianship.guardians.includes(self.address));
    if (own || ctx.caller.address === signer) return ctx.answer(recovery);
    const mine = await ctx.institutionsOfCaller(guardianship.guardians);
    if (mine.size === 0) throw recoveryNotFound(patient);
    return ctx.answer(recovery);
  }

  /** For the patient: whom they named. */
  @Transaction(false)
  @Returns('string')
  async ReadGuardianship(ctx: CareContext, argument: string): Promise<string> {
    ctx.argument(care.readGuardianship, argument);
    const { address } = await ctx.callingPatient();
    const guardianship = await ctx.guardianships.get(address);
    if (!guardianship) throw recoveryNotFound(address);
    return ctx.answer(guardianship);
  }

  /** For a guardian: their share of the patient's decryption keys. */
  @Transaction(false)
  @Returns('string')
  async ReadShare(ctx: CareContext, argument: string): Promise<string> {
    return ctx.answer(await ownShare(ctx, ctx.argument(care.readShare, argument)));
  }

  /** By a guardian, once the other key has followed: their share, for that key. */
  @Transaction()
  @Returns('string')
  async HandOverShare(ctx: CareContext, argument: string): Promise<string> {
    const handed = await handOverShare(ctx, ctx.argument(care.handOverShare, argument));
    ctx.emit('ShareHandedOver', [handed]);
    return ctx.answer(handed);
  }

  /** By a guardian whose encryption key is another: what they have as such, wrapped anew. */
  @Transaction()
  @Returns('string')
  async RewrapShares(ctx: CareContext, argument: string): Promise<string> {
    const rewrapped = await rewrapShares(ctx, ctx.argument(care.rewrapShares, argument));
    ctx.emit('KeysRewrapped', [rewrapped]);
    return ctx.answer(rewrapped);
  }

  /** For the patient, with the key that followed: what they were handed. */
  @Transaction(false)
  @Returns('string')
  async RecoveredKeys(ctx: CareContext, argument: string): Promise<string> {
    ctx.argument(care.readRecoveredKeys, argument);
    return ctx.answer(await recoveredKeys(ctx));
  }

  /** A recovery and the guardianship under which it was requested, if that still stands. */
  async #standing(
    ctx: CareContext,
    patient: string,
    signer: string,
  ): Promise<{ recovery: care.Recovery; guardianship: care.Guardianship }> {
    const [recovery, guardianship] = await Promise.all([
      ctx.recoveries.get(patient, signer),
      ctx.guardianships.get(patient),
    ]);
    if (!recovery || !guardianship) throw recoveryNotFound(patient);
    demand(
      recovery.namedAt === guardianship.namedAt,
      'RECOVERY_STATE_INVALID',
      'the patient has named other guardians since',
    );
    return { recovery, guardianship };
  }

  async #demandParty(ctx: CareContext, id: string): Promise<void> {
    if (await ctx.institutions.get(id)) return;
    await ctx.activePatient(id);
  }

  async #put(ctx: CareContext, recovery: care.Recovery): Promise<void> {
    await ctx.recoveries.put(recovery, recovery.patient, recovery.signer);
  }
}
