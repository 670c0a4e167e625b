import { GraphRefusal } from '../graph-client.js';
import { type Cast } from './cast.js';
import { Listener, type Received } from './listener.js';
import * as operations from './operations.js';
import { haemoglobin } from './resources.js';

/** Told as it happens; `who` is a role of the story. */
export type Tell = (who: string, what: string) => void;

interface ConsentEvent extends Received {
  readonly consent: { readonly id: string; readonly status: string };
}

/** What came of the first part. */
export interface RecordStory {
  readonly patient: string;
  readonly entry: string;
  readonly consent: string;
  /** What each reader got of the entry's resource: the FHIR resource, or null. */
  readonly read: {
    readonly granted: object | null;
    readonly otherInsurer: object | null;
    readonly afterRevoke: object | null;
  };
  readonly consentEvents: readonly string[];
}

/** A hospital's record: proposed, authorised, asked for, granted, read, and closed again. */
export async function playRecordStory(cast: Cast, tell: Tell): Promise<RecordStory> {
  const hospital = await cast.as('hospital-a');
  const insurer = await cast.as('insurer-a');
  const identifier = `story-${crypto.randomUUID()}`;
  const { registerPatient } = await hospital.request<{ registerPatient: { patient: { id: string } } }>(
    operations.registerPatient,
    { input: { identifier } },
  );
  const patientId = registerPatient.patient.id;
  tell('hospital-a', `registered patient ${patientId}`);
  const patient = await cast.as(`patient:${patientId}`);
  const told = (who: string) => (event: ConsentEvent) =>
    tell(who, `received ${event.event} (consent ${event.consent.status}, block ${event.transaction.block})`);
  const consents = new Listener<ConsentEvent>(patient, operations.consentChanged, undefined, told('patient'));

  await patient.request(operations.authorizeStorage, { input: { institutions: ['hospital-a'] } });
  const { proposeEntries } = await hospital.request<{ proposeEntries: { entries: { id: string }[] } }>(
    operations.proposeEntries,
    { input: { patient: patientId, resources: [haemoglobin(patientId)] } },
  );
  const entry = proposeEntries.entries[0]?.id ?? '';
  tell('hospital-a', `proposed entry ${entry}`);
  await patient.request(operations.authorizeEntries, { input: { entries: [entry] } });
  const index = await patient.request<{ patient: { entries: { nodes: { id: string; status: string }[] } } }>(
    operations.entriesOf,
    { id: patientId },
  );
  for (const { id, status } of index.patient.entries.nodes) tell('patient', `has entry ${id} (${status})`);

  const { requestAccess } = await insurer.request<{ requestAccess: { consent: { id: string } } }>(
    operations.requestAccess,
    {
      input: {
        patient: patientId,
        provision: { purpose: ['COVAUTH'], category: ['OBSERVATION'] },
        period: { end: new Date(Date.now() + 30 * 86_400_000).toISOString() },
        reason: 'Underwriting of a life policy',
      },
    },
  );
  const consent = requestAccess.consent.id;
  tell('insurer-a', `asked for access (consent ${consent})`);
  await consents.waitFor(
    (event) => event.event === 'ConsentRequested' && event.consent.id === consent,
    'the request',
  );
  await patient.request(operations.grantAccess, { input: { consent } });
  tell('patient', 'granted it');

  const read = async (role: string): Promise<object | null> => {
    const resource = await resourceOf(cast, role, entry);
    tell(role, resource === null ? 'reads nothing' : `reads ${JSON.stringify(resource).slice(0, 100)}…`);
    return resource;
  };
  const granted = await read('insurer-a');
  const otherInsurer = await read('insurer-b');
  await patient.request(operations.revokeAccess, { input: { consent } });
  tell('patient', 'revoked it');
  const afterRevoke = await read('insurer-a');
  await consents.waitFor((event) => event.event === 'ConsentRevoked', 'the revocation');
  await consents.stop();
  return {
    patient: patientId,
    entry,
    consent,
    read: { granted, otherInsurer, afterRevoke },
    consentEvents: consents.received.map(({ event }) => event),
  };
}

async function resourceOf(cast: Cast, role: string, entry: string): Promise<object | null> {
  const reader = await cast.as(role);
  try {
    const answer = await reader.request<{ entry: { resource: object | null } | null }>(operations.readEntry, {
      id: entry,
      purpose: 'COVAUTH',
    });
    return answer.entry?.resource ?? null;
  } catch (error) {
    // What one may not see answers as if it were not there.
    if (error instanceof GraphRefusal && error.code === 'ENTRY_NOT_FOUND') return null;
    throw error;
  }
}
