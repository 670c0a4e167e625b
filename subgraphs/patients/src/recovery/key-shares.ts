/** Shares of decryption keys that are kept here: made for a patient's guardians, handed over by a guardian. */
import { KeyNotFoundError } from '@medigraph/platform/identity';
import { ContractRefusedError, type Committed } from '@medigraph/platform/ledger';
import { passOnShare, sealEscrow, unwrapKey } from '@medigraph/platform/wallet';
import { care, primitives } from '@medigraph/schema';
import { type PatientsContext } from '../context.js';

type Terms = Pick<care.Guardianship, 'guardians' | 'threshold'>;

/** Shares of the calling patient's decryption keys for these guardians. @throws `KEY_NOT_FOUND` */
export async function escrowFor(
  context: PatientsContext,
  { guardians, threshold }: Terms,
): Promise<care.KeyEscrow> {
  const patient = context.requirePatient();
  const privateKeys = await context.services.custody.decryptionKeys(patient);
  if (privateKeys.length === 0) throw new KeyNotFoundError(patient);
  const recipients = await Promise.all(
    guardians.map(async (id) => {
      const isPerson = primitives.chainAddress.safeParse(id).success;
      return { id, key: await context.encryptionKeyOf(isPerson ? { patient: id } : { institution: id }) };
    }),
  );
  const keys = privateKeys.map((key) => key.export({ format: 'jwk' }));
  return sealEscrow(keys, recipients, threshold);
}

/** Has the guardians' shares be of the keys that the calling patient has now, if they have any. */
export async function renewShares(context: PatientsContext): Promise<void> {
  const named = await context
    .evaluate<care.Guardianship>({
      contract: 'Recovery',
      transaction: 'ReadGuardianship',
      argument: {},
    })
    .catch((error: unknown) => {
      if (error instanceof ContractRefusedError && error.code === 'RECOVERY_NOT_FOUND') return undefined;
      throw error;
    });
  if (!named?.sharesKeys) return;
  const { guardians, threshold, waitingSeconds } = named;
  const argument = { guardians, threshold, waitingSeconds, escrow: await escrowFor(context, named) };
  await context.submit({ contract: 'Recovery', transaction: 'NameGuardians', argument });
}

/**
 * Hands over the share that the caller, or their institution, keeps as a guardian.
 * @throws `KEY_NOT_FOUND`, `SHARE_FORGED`, `RECOVERY_NOT_FOUND`, `RECOVERY_STATE_INVALID`.
 */
export async function handOverShare(
  context: PatientsContext,
  { patient, signer, institution }: { patient: string; signer: string; institution: string | undefined },
  idempotencyKey: string | undefined,
): Promise<Committed<unknown>> {
  const { custody } = context.services;
  const guardian = institution ?? context.requirePatient();
  const privateKeys = await custody.decryptionKeys(guardian);
  if (privateKeys.length === 0) throw new KeyNotFoundError(guardian);
  const evaluate = <T>(transaction: string, argument: object) =>
    context.evaluate<T>({ contract: 'Recovery', transaction, argument });
  const kept = await evaluate<care.SealedShare>('ReadShare', { patient, institution });
  const { encryptionKey } = await evaluate<care.Recovery>('Read', { patient, signer });
  const keys = privateKeys.map((privateKey) => ({ privateKey }));
  const unwrap = (wrapped: string) => unwrapKey(wrapped, keys);
  const share = await passOnShare(guardian, kept, unwrap, { id: patient, key: encryptionKey });
  return context.commit(
    { contract: 'Recovery', transaction: 'HandOverShare', argument: { patient, signer, institution, share } },
    { idempotencyKey },
  );
}
