import { readFileSync } from 'node:fs';
import { entryCategories } from '@medigraph/schema';
import { type FhirResource } from 'fhir/r4.js';
import { canonicalBytes } from './canonical-json.js';
import { categoryOf } from './categories.js';
import { dayOf, entryDate } from './dates.js';
import { entryOf } from './entry.js';

const examples = readFileSync(new URL('../../src/fhir/examples/r4-examples.ndjson', import.meta.url), 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line) as FhirResource);

const anObservation = { resourceType: 'Observation', status: 'final', code: { text: 'Heart rate' } } as const;

describe('entryOf', () => {
  test.each(examples.map((example) => [example.resourceType, example]))(
    'places HL7’s %s',
    (_type, example) => {
      const { category, date } = entryOf(example, '2026-01-01');
      expect(entryCategories).toContain(category);
      expect(dayOf(date)).toBe(date);
    },
  );

  test.each<[FhirResource['resourceType'], string]>([
    ['Patient', 'identity'],
    ['Encounter', 'encounter'],
    ['Observation', 'observation'],
    ['Condition', 'condition'],
    ['MedicationRequest', 'medication'],
    ['Procedure', 'procedure'],
    ['DiagnosticReport', 'report'],
    ['Immunization', 'immunization'],
    ['AllergyIntolerance', 'allergy'],
    ['CarePlan', 'care-plan'],
    ['Device', 'device'],
    ['ImagingStudy', 'imaging'],
    ['DocumentReference', 'document'],
    ['Library', 'other'],
  ])('%s is shown as %s', (resourceType, category) => {
    expect(categoryOf({ resourceType } as FhirResource)).toBe(category);
  });

  test('takes the day of receipt when the resource tells none', () => {
    expect(entryOf({ resourceType: 'Medication' }, '2026-02-03')).toEqual({
      resourceType: 'Medication',
      category: 'medication',
      date: '2026-02-03',
    });
  });
});

describe('entryDate', () => {
  test.each<[string, FhirResource, string | undefined]>([
    [
      'the event before its publication',
      { ...anObservation, issued: '2020-05-02T00:00:00Z', effectiveDateTime: '2020-05-01' },
      '2020-05-01',
    ],
    [
      'the day where it happened',
      { ...anObservation, effectiveDateTime: '2020-05-01T23:30:00-05:00' },
      '2020-05-01',
    ],
    ['a month', { ...anObservation, effectiveDateTime: '2020-05' }, '2020-05-01'],
    ['a year', { ...anObservation, effectiveDateTime: '2020' }, '2020-01-01'],
    [
      'a period',
      { ...anObservation, effectivePeriod: { start: '2020-05-01', end: '2020-06-01' } },
      '2020-05-01',
    ],
    ['a period without start', { ...anObservation, effectivePeriod: { end: '2020-06-01' } }, '2020-06-01'],
    ['a timing', { ...anObservation, effectiveTiming: { event: ['2020-05-01'] } }, '2020-05-01'],
    [
      'a timing with bounds',
      { ...anObservation, effectiveTiming: { repeat: { boundsPeriod: { start: '2020-05-01' } } } },
      '2020-05-01',
    ],
    [
      'a specimen’s collection',
      {
        resourceType: 'Specimen',
        receivedTime: '2020-05-03',
        collection: { collectedDateTime: '2020-05-02' },
      },
      '2020-05-02',
    ],
    [
      'never a date of birth or death',
      { resourceType: 'Patient', birthDate: '1980-01-01', deceasedDateTime: '2020-01-01' },
      undefined,
    ],
    [
      'never a date of a product',
      { resourceType: 'Device', manufactureDate: '2020-01-01', expirationDate: '2030-01-01' },
      undefined,
    ],
  ])('%s', (_what, resource, date) => {
    expect(entryDate(resource)).toBe(date);
  });

  test.each(['', 'soon', '2020-13-01', '2020-02-31', '0x20'])('%p is no day', (text) => {
    expect(dayOf(text)).toBeUndefined();
  });
});

describe('canonicalBytes', () => {
  test('is the same for equal resources', () => {
    const one = { resourceType: 'Patient', name: [{ given: ['Zoë'], family: 'Ω' }] } as const;
    const other = { name: [{ family: 'Ω', given: ['Zoë'] }], resourceType: 'Patient' } as const;
    const text = new TextDecoder().decode(canonicalBytes(one as unknown as FhirResource));
    expect(text).toBe('{"name":[{"family":"Ω","given":["Zoë"]}],"resourceType":"Patient"}');
    expect(canonicalBytes(other as unknown as FhirResource)).toEqual(
      canonicalBytes(one as unknown as FhirResource),
    );
  });
});
