/** From a person in front of a desk to a patient on the ledger whose keys are kept here. */
import { BadUserInput, checked, identifierHash } from '@medigraph/platform/graph';
import { canonicalBytes, entryOf, validateResource } from '@medigraph/platform/fhir';
import { type Recipient } from '@medigraph/platform/envelope';
import { type LedgerIdentity, type TransactionReference } from '@medigraph/platform/ledger';
import { care } from '@medigraph/schema';
import { type FhirResource } from '@medigraph/schema/scalars';
import { type PatientsContext } from './context.js';

interface FirstDelegate extends care.Delegation {
  /** Chain address. */
  readonly person: string;
}

/** Who is registered. */
export interface PersonToRegister {
  readonly identifier: string;
  /** FHIR R4 Patient: an entry of the patient's own, which nobody else is given. */
  readonly demographics?: FhirResource;
  /** Who acts for the patient from the first moment: a newborn's parent. */
  readonly delegate?: FirstDelegate;
  readonly idempotencyKey?: string;
}

/**
 * Makes a person's keys, enrols them, registers the patient under their own signature, has the organisation that enrolled
 * them appoint who acts for them, if that is said, and stores what is known of the person as their first entry. With an idempotency key it can be repeated until it is through.
 */
export async function registerPerson(
  context: PatientsContext,
  { identifier, demographics, delegate, idempotencyKey }: PersonToRegister,
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
  let last = registered;
  const consent = delegate && delegationOf(context, identity, delegate);
  if (consent !== undefined)
    last = await ledger.submit<unknown>({
      ...call,
      signer: await custody.organization(context.patientsOrganization),
      contract: 'Access',
      transaction: 'Delegate',
      argument: consent,
      idempotencyKey: once === undefined ? undefined : `${once} delegate`,
    });
  if (demographics !== undefined)
    last = await ledger.submit<unknown>({
      ...call,
      contract: 'Records',
      transaction: 'AddPersonalEntries',
      argument: await sealedFor(context, { id: identity.address, key: encryptionKey }, demographics, consent),
      idempotencyKey: once === undefined ? undefined : `${once} demographics`,
    });
  await context.reached(last);
  return { address: identity.address, transaction: registered.transaction };
}

/** Everything, until it is revoked. There is nothing yet that there could be keys of. */
function delegationOf(
  { services: { custody } }: PatientsContext,
  { address: patient }: LedgerIdentity,
  { person, relationship, acts }: FirstDelegate,
): care.DelegateAccess {
  return checked(care.delegateAccess, {
    // One of its kind a patient, so its id follows from theirs.
    id: custody.keyedHash('first delegate', patient).slice(0, 32),
    patient,
    grantee: person,
    period: {},
    provision: { purpose: ['PATRQT'] },
    delegation: { relationship, acts },
    keys: [],
  });
}

function requirePatientResource(resource: FhirResource): void {
  validateResource(resource, 'demographics');
  if (resource.resourceType !== 'Patient')
    throw new BadUserInput(`demographics must be a FHIR Patient, not ${resource.resourceType}.`);
}

async function sealedFor(
  context: PatientsContext,
  patient: Recipient,
  resource: FhirResource,
  delegating: care.DelegateAccess | undefined,
): Promise<care.AddPersonalEntries> {
  validateResource(resource, 'demographics');
  const { custody, envelopes } = context.services;
  // One entry of its kind a patient, so its id follows from theirs.
  const id = custody.keyedHash('demographics', patient.id).slice(0, 32);
  const delegate = delegating && {
    id: delegating.grantee,
    key: await context.encryptionKeyOf({ patient: delegating.grantee }),
  };
  const { keys, ...sealed } = await envelopes.seal(id, canonicalBytes(resource), [
    patient,
    ...(delegate ? [delegate] : []),
  ]);
  const entry = { id, ...entryOf(resource), ...sealed, keys: { [patient.id]: keys[patient.id] ?? '' } };
  const key = delegate && keys[delegate.id];
  return {
    entries: [entry],
    ...(delegating && key !== undefined && { keys: [{ entry: id, consent: delegating.id, key }] }),
  };
}
