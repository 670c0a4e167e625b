import { type Recipient } from '@medigraph/platform/envelope';
import { type LedgerIdentity } from '@medigraph/platform/ledger';
import { type LoadContext } from './load-context.js';
import { patientsMspId } from './institutions.js';

/** A patient who can sign and be sealed for. */
export interface EnrolledPatient {
  readonly identity: LedgerIdentity;
  readonly recipient: Recipient;
  /** Registered just now, so that the ledger has nothing of theirs yet. */
  readonly isNew: boolean;
}

const sessionSeconds = 3600;

/** Finds the patient by the keyed hash of their id, or enrols and registers them. */
export async function enrolPatient(patientId: string, context: LoadContext): Promise<EnrolledPatient> {
  const { suites, custody } = context;
  const patientIdHash = custody.keyedHash('patient', patientId);
  const registered = await suites.find(
    {
      suite: suites.care,
      name: 'Registration:Resolve',
      argument: { patientIdHash },
      signer: await custody.organization(patientsMspId),
    },
    'PATIENT_NOT_FOUND',
  );
  if (registered && 'address' in registered) {
    const { address, encryptionKey } = registered;
    const identity = await custody.signerFor({
      subject: address,
      role: 'patient',
      mspId: patientsMspId,
      patient: address,
      scopes: new Set(),
      expiresAt: Math.floor(Date.now() / 1000) + sessionSeconds,
    });
    return { identity, recipient: { id: address, key: encryptionKey }, isNew: false };
  }
  const { identity, encryptionKey } = await custody.enrol(patientsMspId);
  await suites.submit({
    suite: suites.care,
    name: 'Registration:RegisterPatient',
    argument: { patientIdHash, encryptionKey },
    signer: identity,
  });
  return { identity, recipient: { id: identity.address, key: encryptionKey }, isNew: true };
}
