import { fileURLToPath } from 'node:url';
import { claimNumbers, validateResource } from '@medigraph/platform/fhir';
import { type FhirResource } from 'fhir/r4.js';
import { readPopulation, type Population } from './population/population.js';
import { type PatientRecord } from './population/records.js';

const folder = fileURLToPath(new URL('../data', import.meta.url));
const parties = { beneficiary: '0'.repeat(40), provider: 'hospital-a' };

function resourcesOf({ patient, resources, coverages, claims }: PatientRecord): FhirResource[] {
  return [patient, ...resources, ...coverages, ...claims];
}

function sharedBy({ directory }: Population): FhirResource[] {
  const { organizations, payers, locations, practitioners, roles } = directory;
  return [...organizations, ...payers, ...locations, ...practitioners, ...roles];
}

function referencesIn(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(referencesIn);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) =>
    key === 'reference' && typeof item === 'string' ? [item] : referencesIn(item),
  );
}

describe('the population that comes with Medigraph', () => {
  let population: Population;
  const records: PatientRecord[] = [];

  beforeAll(async () => {
    population = await readPopulation(folder);
    for await (const record of population.patients()) records.push(record);
  });

  test('is what its manifest says, and small', () => {
    const { counts, patients, directory, records: files } = population.manifest;
    expect(records).toHaveLength(patients);
    expect(records.some(({ patient }) => patient.deceasedDateTime !== undefined)).toBe(true);
    expect([directory, ...files].reduce((sum, { bytes }) => sum + bytes, 0)).toBeLessThan(8_000_000);
    const found: Record<string, number> = {};
    for (const { resourceType } of [...records.flatMap(resourcesOf), ...sharedBy(population)]) {
      found[resourceType] = (found[resourceType] ?? 0) + 1;
    }
    expect(found).toEqual(counts);
  });

  test('is valid FHIR R4 throughout', () => {
    const resources = [...records.flatMap(resourcesOf), ...sharedBy(population)];
    for (const resource of resources) validateResource(resource);
    expect(resources.length).toBeGreaterThan(6000);
  });

  test('has references that lead somewhere', () => {
    const name = ({ resourceType, id }: FhirResource): string => `${resourceType}/${id ?? ''}`;
    const shared = sharedBy(population).map(name);
    for (const record of records) {
      const targets = new Set([...shared, ...resourcesOf(record).map(name)]);
      const dangling = referencesIn(resourcesOf(record)).filter((one) => !targets.has(one));
      expect(dangling).toEqual([]);
    }
  });

  test('has claims that add up to the cent', () => {
    const claims = records.flatMap((record) => record.claims);
    for (const claim of claims) {
      const { items } = claimNumbers(claim, parties);
      expect(items).toHaveLength(claim.item?.length ?? 0);
    }
    expect(claims.length).toBeGreaterThan(400);
  });
});
