import { createHmac } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { care, claims } from '@medigraph/schema';
import { type Encounter, type FhirResource } from 'fhir/r4.js';
import { readPopulation } from '../population/population.js';
import { type PatientRecord } from '../population/records.js';
import { Holders } from './holders.js';
import { institutionsOf, type PlannedInstitution } from './institutions.js';
import { practitionersOf } from './practitioners.js';
import { planRecord, type RecordPlan, type RecordPlanContext } from './record-plan.js';

const folder = fileURLToPath(new URL('../../data', import.meta.url));
const population = await readPopulation(folder);
const records: PatientRecord[] = [];
for await (const record of population.patients()) records.push(record);

const institutions: ReadonlyMap<string, PlannedInstitution> = new Map(
  institutionsOf(population.directory).map((one) => [one.id, one]),
);
const keyedHash = (label: string, value: string): string =>
  createHmac('sha256', 'a key').update(`${label}\0${value}`).digest('hex');

function contextOf(index: number): RecordPlanContext {
  return {
    address: index.toString(16).padStart(40, '0'),
    institutions,
    receivedOn: '2026-01-01',
    custody: { keyedHash },
  };
}

const plans = records.map((record, index): RecordPlan => planRecord(record, contextOf(index)));
const entries = plans.flatMap((plan) => [...plan.entries, plan.identity]);

describe('planRecord, of the committed population', () => {
  test('plans everything, the identity last', () => {
    const { counts } = population.manifest;
    const resources = records.flatMap((record) => record.resources).length;
    expect(entries).toHaveLength(resources + records.length);
    expect(plans.reduce((sum, plan) => sum + plan.claims.length + plan.selfPaid, 0)).toBe(counts['Claim']);
    for (const { identity } of plans) expect(identity.category).toBe('identity');
  });

  test('gives entries the ledger accepts, each an id of its own', () => {
    const index = care.proposedEntry.pick({ id: true, category: true, date: true });
    for (const { id, category, date, institution } of entries) {
      index.parse({ id, category, date });
      expect(institutions.get(institution)?.kind).toBe('hospital');
    }
    expect(new Set(entries.map(({ id }) => id)).size).toBe(entries.length);
  });

  test('gives claims and policies the ledger accepts, every line in force', () => {
    const terms = claims.submittedClaim.omit({ sha256: true, body: true, keys: true });
    for (const plan of plans) {
      if (plan.policies.length > 0) claims.registerPolicies.parse({ policies: plan.policies });
      const policies = new Map(plan.policies.map((policy) => [policy.id, policy]));
      for (const { insurer, bytes, ...claim } of plan.claims) {
        terms.parse(claim);
        expect(bytes.byteLength).toBeGreaterThan(0);
        const policy = policies.get(claim.coverage);
        expect(policy?.insurer).toBe(insurer);
        for (const { servicedDate } of claim.items) {
          expect(servicedDate >= (policy?.period.start ?? '')).toBe(true);
          expect(servicedDate <= (policy?.period.end ?? '9999')).toBe(true);
        }
      }
    }
  });

  test('shows neither a date of birth nor the patient’s id', () => {
    for (const [index, { patient }] of records.entries()) {
      const { identity, entries: own } = plans[index] as RecordPlan;
      expect(identity.date).toBe('2026-01-01');
      const shown = own.map(({ id, institution, category, date }) =>
        [id, institution, category, date].join(),
      );
      expect(shown.filter((text) => text.includes(patient.id ?? ''))).toEqual([]);
    }
  });

  test('plans the same again', () => {
    const again = planRecord(records[0] as PatientRecord, contextOf(0));
    expect(again).toEqual(plans[0]);
  });

  test('uses both hospital and both insurer organisations', () => {
    const mspIds = new Set([...institutions.values()].map(({ mspId }) => mspId));
    expect([...mspIds].sort()).toEqual([
      'HospitalAMSP',
      'HospitalBMSP',
      'InsurerAMSP',
      'InsurerBMSP',
      'RegulatorMSP',
    ]);
  });

  test('gives every practitioner an institution', () => {
    const practitioners = practitionersOf(population.directory);
    expect(practitioners).toHaveLength(population.directory.practitioners.length);
    for (const { institution } of practitioners) expect(institutions.has(institution)).toBe(true);
  });
});

describe('Holders', () => {
  const encounter = (id: string, provider: string): Encounter => ({
    resourceType: 'Encounter',
    id,
    status: 'finished',
    class: {},
    serviceProvider: { reference: `Organization/${provider}` },
  });
  const observation: FhirResource = { resourceType: 'Observation', id: 'x', status: 'final', code: {} };
  const request: FhirResource = {
    resourceType: 'MedicationRequest',
    id: 'r',
    status: 'active',
    intent: 'order',
    subject: {},
    encounter: { reference: 'Encounter/2' },
    medicationReference: { reference: 'Medication/m' },
  };
  const record: PatientRecord = {
    patient: { resourceType: 'Patient', id: 'p' },
    resources: [
      encounter('1', 'a'),
      encounter('2', 'b'),
      encounter('3', 'a'),
      encounter('4', 'gone'),
      request,
    ],
    coverages: [],
    claims: [],
  };
  const holders = new Holders(record, ['a', 'b']);

  test.each<[string, FhirResource, string]>([
    ['an encounter, its provider', encounter('2', 'b'), 'b'],
    ['an encounter elsewhere, the usual', encounter('4', 'gone'), 'a'],
    ['by its encounter', { ...observation, encounter: { reference: 'Encounter/2' } }, 'b'],
    [
      'a document, by the encounter of its context',
      {
        resourceType: 'DocumentReference',
        status: 'current',
        content: [],
        context: { encounter: [{ reference: 'Encounter/2' }] },
      },
      'b',
    ],
    ['by its performer', { ...observation, performer: [{ reference: 'Organization/b' }] }, 'b'],
    ['a medication, with its request', { resourceType: 'Medication', id: 'm' }, 'b'],
    ['a medication alone, the usual', { resourceType: 'Medication', id: 'n' }, 'a'],
    ['nothing said, the usual', observation, 'a'],
  ])('%s', (_what, resource, holder) => {
    expect(holders.of(resource)).toBe(holder);
  });

  test('fall back on a primary hospital for who was never anywhere', () => {
    expect(new Holders({ ...record, resources: [] }, ['a']).of(observation)).toMatch(/^hospital-[ab]$/);
  });
});
