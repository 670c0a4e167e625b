/** From a person in front of a desk to a patient on the ledger whose keys are kept here. */
import { BadUserInput, checked, identifierHash } from '@medigraph/platform/graph';
import { canonicalBytes, entryOf, validateResource } from '@medigraph/platform/fhir';
import { type LedgerIdentity, type TransactionReference } from '@medigraph/platform/ledger';
import { care, type primitives } from '@medigraph/schema';
import { type FhirResource } from '@medigraph/schema/scalars';
import { type PatientsContext } from './context.js';

/** Who is registered. */
export interface PersonToRegister {
  readonly identifier: string;
  /** FHIR R4 Patient: an entry of the patient's own, which nobody else is given. */
  readonly demographics?: FhirResource;
  readonly idempotencyKey?: string;
}

/**
 * Makes a person's keys, enrols them, registers the patient under their own signature, and stores what is known of the
 * person as their first entry. With an idempotency key it can be repeated until it is through.
 */
export async function registerPerson(
  context: PatientsContext,
  { identifier, demographics, idempotencyKey }: PersonToRegister,
): Promise<{ readonly address: string; readonly transaction: TransactionReference }> {
  const { custody, ledger } = context.services;
  const patientIdHash = identifierHash(custody, identifier);
  if (demographics !== undefined) requirePatientResource(demographics);
  const once = idempotencyKey === undefined ? undefined : context.ownIdempotencyKey(idempotencyKey);
  const { identity, encryptionKey } = await custody.enrol(context.patientsOrganization, once);
  const { channel, chaincode } = context.care;
  const call = { channel, chaincode, signer: identity };
  const registered = await ledger.submit<unknown>({
    ...call,
    contract: 'Registration',
    transaction: 'RegisterPatient',
    argument: checked(care.registerPatient, { patientIdHash, encryptionKey }),
    idempotencyKey: once,
  });
  if (demographics === undefined) {
    await context.reached(registered);
  } else {
    const entry = await sealedFor(context, identity, encryptionKey, demographics);
    const stored = await ledger.submit<unknown>({
      ...call,
      contract: 'Records',
      transaction: 'AddPersonalEntries',
      argument: { entries: [entry] },
      idempotencyKey: once === undefined ? undefined : `${once} demographics`,
    });
    await context.reached(stored);
  }
  return { address: identity.address, transaction: registered.transaction };
}

function requirePatientResource(resource: FhirResource): void {
  validateResource(resource, 'demographics');
  if (resource.resourceType !== 'Patient')
    throw new BadUserInput(`demographics must be a FHIR Patient, not ${resource.resourceType}.`);
}

async function sealedFor(
  { services: { custody, envelopes } }: PatientsContext,
  { address }: LedgerIdentity,
  key: primitives.EncryptionKey,
  resource: FhirResource,
): Promise<care.ProposedEntry> {
  validateResource(resource, 'demographics');
  // One entry of its kind a patient, so its id follows from theirs.
  const id = custody.keyedHash('demographics', address).slice(0, 32);
  const sealed = await envelopes.seal(id, canonicalBytes(resource), [{ id: address, key }]);
  return { id, ...entryOf(resource), ...sealed };
}
