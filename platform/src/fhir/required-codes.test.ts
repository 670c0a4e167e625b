import { FhirInvalidError, type FhirIssue } from './errors.js';
import { validateResource } from './validate-resource.js';

function issuesOf(resource: unknown): readonly FhirIssue[] {
  try {
    validateResource(resource);
  } catch (error) {
    if (error instanceof FhirInvalidError) return error.issues;
    throw error;
  }
  return [];
}

const observation = { resourceType: 'Observation', status: 'final', code: { text: 'Haemoglobin' } };

test('codes that FHIR lists pass', () => {
  expect(issuesOf(observation)).toEqual([]);
  expect(issuesOf({ resourceType: 'Patient', gender: 'female' })).toEqual([]);
});

test.each<[string, object, string]>([
  ['a status that there is not', { ...observation, status: 'finished' }, 'Observation.status'],
  ['a gender that there is not', { resourceType: 'Patient', gender: 'q' }, 'Patient.gender'],
  [
    'a code in a list of a part',
    { resourceType: 'Patient', contact: [{ name: { text: 'A' } }, { gender: 'm', name: { text: 'B' } }] },
    'Patient.contact[1].gender',
  ],
  [
    'a code in a contained resource',
    { ...observation, contained: [{ resourceType: 'Patient', id: 'p', gender: 'q' }] },
    'Observation.contained[0].gender',
  ],
])('refuses %s, naming the element', (_what, resource, path) => {
  expect(issuesOf(resource).map((issue) => issue.path)).toEqual([path]);
});
