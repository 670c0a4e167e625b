/** What is done with keys that are kept here, and with registrations. */
import { createPublicKey, sign } from 'node:crypto';
import { checked, Forbidden } from '@medigraph/platform/graph';
import { type LedgerIdentity, type TransactionReference } from '@medigraph/platform/ledger';
import { care } from '@medigraph/schema';
import { type PatientsContext } from './context.js';
import { renewShares } from './recovery/key-shares.js';

/**
 * Has new keys follow those of the calling patient. Cut off anywhere, it is done by doing it again: the keys that are to
 * follow stay the same until they have, and so does the transaction.
 * @throws `KEY_NOT_FOUND` if the patient keeps their key themself.
 */
export async function rotateKeptKeys(context: PatientsContext): Promise<TransactionReference> {
  const patient = context.requirePatient();
  const { custody, ledger, logger } = context.services;
  const current = await custody.signerFor(context.caller);
  const { identity: next, encryptionKey } = await custody.nextKeys(patient);
  const signingKey = createPublicKey(next.privateKey)
    .export({ format: 'der', type: 'spki' })
    .toString('base64');
  const keys = { signingKey, encryptionKey };
  const statement = care.rotationStatement({ patient, signer: current.address, ...keys });
  const { channel, chaincode } = context.care;
  const { transaction } = await ledger.submit<unknown>({
    channel,
    chaincode,
    contract: 'Registration',
    transaction: 'RotateKey',
    argument: { ...keys, proof: proofBy(next, statement) },
    signer: current,
    idempotencyKey: JSON.stringify(['rotation', next.address]),
  });
  await custody.adoptNextKeys(patient, next.address);
  // On the ledger the old key is nobody's already; its certificate is taken back besides.
  await custody
    .revoke(current.mspId, current.address)
    .catch((error: unknown) =>
      logger.warn({ err: error }, 'certificate of a key that was followed is not revoked'),
    );
  await renewShares(context);
  return transaction;
}

/**
 * Has another encryption key follow that of an institution of the caller's organisation. Cut off anywhere, it is done by
 * doing it again, as with the keys of patients.
 * @throws `KEY_NOT_FOUND` if the institution's key is kept elsewhere; `INSTITUTION_NOT_FOUND`, `CALLER_FORBIDDEN`.
 */
export async function rotateInstitutionKey(
  context: PatientsContext,
  institution: string,
): Promise<TransactionReference> {
  const { custody, ledger } = context.services;
  const { channel, chaincode } = context.care;
  const known = await context.evaluate<care.Institution>({
    contract: 'Registration',
    transaction: 'Resolve',
    argument: checked(care.resolve, { institution }),
  });
  // Whose it is, the contract says; but nobody is to have a key made for an institution that is not theirs.
  if (known.mspId !== context.caller.mspId)
    throw new Forbidden('Only an operator of its organisation can do this.');
  const encryptionKey = await custody.nextInstitutionKey(institution);
  const { transaction } = await ledger.submit<unknown>({
    channel,
    chaincode,
    contract: 'Registration',
    transaction: 'RotateInstitutionKey',
    argument: { institution, encryptionKey },
    signer: await custody.signerFor(context.caller),
    idempotencyKey: JSON.stringify(['rotation', institution, encryptionKey.kid]),
  });
  await custody.adoptInstitutionKey(institution, encryptionKey.kid);
  await context.reached({ result: undefined, transaction });
  return transaction;
}

/**
 * Deactivates a registration: the calling patient's own; or, for an operator of the organisation that enrols patients,
 * the one named.
 * @throws `FORBIDDEN`
 */
export async function deactivate(
  context: PatientsContext,
  patient: string | undefined,
  idempotencyKey: string | undefined,
): Promise<{ readonly address: string; readonly transaction: TransactionReference }> {
  const { caller } = context;
  const isRegistrar = caller.role === 'operator' && caller.mspId === context.patientsOrganization;
  const own = isRegistrar ? undefined : context.requirePatient();
  const address = own ?? patient;
  if (address === undefined || (patient !== undefined && patient !== address))
    throw new Forbidden('Only the patient, or who enrolled them, can do this.');
  const { transaction } = await context.commit(
    {
      contract: 'Registration',
      transaction: 'Deactivate',
      argument: own === undefined ? { patient: address } : {},
    },
    { idempotencyKey },
  );
  return { address, transaction };
}

function proofBy({ privateKey }: LedgerIdentity, statement: string): string {
  return sign('sha256', Buffer.from(statement), { key: privateKey, dsaEncoding: 'ieee-p1363' }).toString(
    'base64',
  );
}
