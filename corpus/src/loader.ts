import { type EnvelopeService } from '@medigraph/platform/envelope';
import { type KeyCustody } from '@medigraph/platform/identity';
import { type ConnectionProfile, type LedgerClient } from '@medigraph/platform/ledger';
import pLimit from 'p-limit';
import pMap from 'p-map';
import { institutionsOf } from './load/institutions.js';
import { loadClaims, loadPolicies } from './load/load-claims.js';
import { type LoadContext } from './load/load-context.js';
import { entriesOnLedger, loadEntries } from './load/load-entries.js';
import { enrolPatient, type EnrolledPatient } from './load/patients.js';
import { practitionersOf } from './load/practitioners.js';
import { planRecord, type RecordPlan } from './load/record-plan.js';
import { registerInstitutions, registerPractitioners } from './load/register-directory.js';
import { Suites } from './load/suites.js';
import { type Manifest } from './population/manifest.js';
import { type Population } from './population/population.js';
import { type PatientRecord } from './population/records.js';

/** How far a load is. `records` counts entries and claims, those found on the ledger too. */
export interface LoadProgress {
  readonly phase: 'institutions' | 'practitioners' | 'records';
  readonly done: number;
  readonly total: number;
}

export interface LoadOptions {
  readonly population: Population;
  readonly ledger: LedgerClient;
  readonly custody: KeyCustody;
  readonly envelopes: EnvelopeService;
  readonly profile: ConnectionProfile;
  readonly onProgress?: (progress: LoadProgress) => void;
  readonly signal?: AbortSignal;
}

/** What is on the ledger after a load. */
export interface LoadSummary {
  readonly institutions: number;
  readonly practitioners: number;
  readonly patients: number;
  /** Chain addresses of the patients, sorted. */
  readonly addresses: readonly string[];
  readonly entries: number;
  readonly claims: number;
  /** Claims that went to no insurer, for the patient pays alone. */
  readonly selfPaid: number;
}

/** Batches whose sealing keeps the cores busy. */
const batchesSealedAtOnce = 2;

/** Records in memory and on their way at once; each has a few batches in flight. */
const patientsInFlight = 4;

/**
 * Puts a population on the ledger: institutions, practitioners, patients; their resources as encrypted entries, proposed by who
 * holds them and authorised by the patient; their policies and claims.
 *
 * May be run again at any time, also after having been killed: ids are derived from the population's by a key of custody, each
 * transaction is all or nothing, and what is done is read from the ledger. A patient whose identity entry is final is
 * complete.
 *
 * @throws whatever the ledger, custody or population throws, or the signal's reason; what was loaded stays.
 */
export async function loadPopulation(options: LoadOptions): Promise<LoadSummary> {
  const { population, ledger, custody, envelopes, profile, signal } = options;
  const report = (phase: LoadProgress['phase'], done: number, total: number): void =>
    options.onProgress?.({ phase, done, total });
  const suites = new Suites(ledger, profile, signal);

  const planned = institutionsOf(population.directory);
  const institutions = new Map(planned.map((institution) => [institution.id, institution]));
  report('institutions', 0, planned.length);
  const recipients = await registerInstitutions(planned, suites, custody, signal);
  report('institutions', planned.length, planned.length);

  const practitioners = practitionersOf(population.directory);
  report('practitioners', 0, practitioners.length);
  await registerPractitioners(practitioners, institutions, suites, custody);
  report('practitioners', practitioners.length, practitioners.length);

  const sealing = pLimit(batchesSealedAtOnce);
  const context: LoadContext = { suites, custody, envelopes, institutions, recipients, sealing, signal };
  const total = recordsIn(population.manifest);
  let done = 0;
  const advance = (records: number): void => report('records', (done += records), total);
  advance(0);
  const addresses: string[] = [];
  let summary = { patients: 0, entries: 0, claims: 0, selfPaid: 0 };
  await pMap(
    population.patients(),
    async (record) => {
      const { plan, address } = await loadRecord(
        record,
        population.manifest.generator.referenceDate,
        context,
        advance,
      );
      addresses.push(address);
      summary = {
        patients: summary.patients + 1,
        entries: summary.entries + plan.entries.length + 1,
        claims: summary.claims + plan.claims.length,
        selfPaid: summary.selfPaid + plan.selfPaid,
      };
    },
    { concurrency: patientsInFlight, ...(signal && { signal }) },
  );
  return {
    institutions: planned.length,
    practitioners: practitioners.length,
    addresses: addresses.sort(),
    ...summary,
  };
}

async function loadRecord(
  record: PatientRecord,
  receivedOn: string,
  context: LoadContext,
  onDone: (records: number) => void,
): Promise<{ readonly plan: RecordPlan; readonly address: string }> {
  const patient = await enrolPatient(record.patient.id ?? '', context);
  const { custody, institutions } = context;
  const plan = planRecord(record, { address: patient.recipient.id, institutions, receivedOn, custody });
  const onLedger = patient.isNew ? new Map<string, never>() : await entriesOnLedger(patient, context);
  if (onLedger.get(plan.identity.id) === 'final') onDone(plan.entries.length + 1 + plan.claims.length);
  else {
    await authorizeStorage(plan.holders, patient, context);
    await Promise.all([
      loadEntries(plan.entries, onLedger, patient, context, onDone),
      loadPolicies(plan.policies, context).then(() => loadClaims(plan.claims, patient, context, onDone)),
    ]);
    await loadEntries([plan.identity], onLedger, patient, context, onDone);
  }
  onDone(plan.selfPaid);
  return { plan, address: patient.recipient.id };
}

async function authorizeStorage(
  institutions: readonly string[],
  patient: EnrolledPatient,
  { suites }: LoadContext,
): Promise<void> {
  await suites.submit({
    suite: suites.care,
    name: 'Records:AuthorizeStorage',
    argument: { institutions: [...institutions], active: true },
    signer: patient.identity,
  });
}

/** Resource types that a population has and that are neither entries nor claims. */
const notRecords: ReadonlySet<string> = new Set([
  'Coverage',
  'Location',
  'Organization',
  'Practitioner',
  'PractitionerRole',
]);

function recordsIn({ counts }: Manifest): number {
  return Object.entries(counts).reduce((sum, [type, count]) => sum + (notRecords.has(type) ? 0 : count), 0);
}
