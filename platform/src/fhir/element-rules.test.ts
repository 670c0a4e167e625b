import { readFileSync } from 'node:fs';
import { FhirInvalidError, type FhirIssue } from './errors.js';
import { maxIssues, validateResource } from './validate-resource.js';

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
const patient = { resourceType: 'Patient' };
const bundled = (resource: object) => ({ resourceType: 'Bundle', type: 'collection', entry: [{ resource }] });

test.each<[string, object]>([
  ['codes that FHIR lists', observation],
  ['a gender that FHIR lists', { ...patient, gender: 'female' }],
  ['a year', { ...patient, birthDate: '1980' }],
  ['a month', { ...patient, birthDate: '1980-02' }],
  ['a leap day', { ...patient, birthDate: '1980-02-29' }],
  ['a second to leap', { ...observation, effectiveDateTime: '2016-12-31T23:59:60Z' }],
  ['an extension for a value that is not there', { ...patient, _birthDate: { id: 'x' } }],
  [
    'extensions beside values of a list',
    { ...patient, name: [{ given: ['A', null], _given: [null, { id: 'x' }] }] },
  ],
  [
    'base64 with white space',
    { resourceType: 'Binary', contentType: 'text/plain; charset=utf-8', data: 'AAAA\r\nAAA=' },
  ],
  [
    'a reference into the bundle',
    bundled({ ...observation, subject: { reference: `urn:uuid:${crypto.randomUUID()}` } }),
  ],
  ['a conditional reference', { ...observation, subject: { reference: 'Patient?identifier=a|b' } }],
  [
    'a reference to another server',
    { ...observation, subject: { reference: 'https://a.example/fhir/Patient/1/_history/2' } },
  ],
  [
    'a reference that is no URL of a FHIR server',
    { ...observation, subject: { reference: 'https://a.example/Wizard/1' } },
  ],
  [
    'a contained resource that is referred to',
    { ...observation, contained: [{ ...patient, id: 'p' }], subject: { reference: '#p' } },
  ],
  [
    'a small probability',
    {
      resourceType: 'RiskAssessment',
      status: 'final',
      subject: { display: 'x' },
      prediction: [{ probabilityDecimal: 0.000168 }],
    },
  ],
])('takes %s', (_what, resource) => {
  expect(issuesOf(resource)).toEqual([]);
});

test.each<[string, object, string]>([
  ['a status that there is not', { ...observation, status: 'finished' }, 'Observation.status'],
  ['a gender that there is not', { ...patient, gender: 'q' }, 'Patient.gender'],
  [
    'a code in a list of a part',
    { ...patient, contact: [{ name: { text: 'A' } }, { gender: 'm', name: { text: 'B' } }] },
    'Patient.contact[1].gender',
  ],
  [
    'a currency that there is not',
    { resourceType: 'Invoice', status: 'draft', totalNet: { value: 1, currency: 'XXQ' } },
    'Invoice.totalNet.currency',
  ],
  ['a media type that is none', { resourceType: 'Binary', contentType: 'nothing' }, 'Binary.contentType'],
  ['a day that no calendar has', { ...patient, birthDate: '2020-02-31' }, 'Patient.birthDate'],
  ['a day with a line feed', { ...patient, birthDate: '2020-02-01\n' }, 'Patient.birthDate'],
  [
    'a time without a zone',
    { ...observation, effectiveDateTime: '2020-01-01T10:00:00' },
    'Observation.effectiveDateTime',
  ],
  ['an hour that there is not', { ...observation, valueTime: '25:00:00' }, 'Observation.valueTime'],
  ['an instant without a time', { ...observation, issued: '2020-01-01' }, 'Observation.issued'],
  ['an id with a blank', { ...observation, id: 'a b' }, 'Observation.id'],
  ['an id that is too long', { ...observation, id: 'a'.repeat(65) }, 'Observation.id'],
  ['base64 that is none', { resourceType: 'Binary', contentType: 'a/b', data: '%%%%' }, 'Binary.data'],
  ['a number that is not positive', { ...patient, telecom: [{ rank: 0 }] }, 'Patient.telecom[0].rank'],
  ['a fraction for an integer', { ...observation, valueInteger: 1.5 }, 'Observation.valueInteger'],
  ['an integer beyond 32 bits', { ...observation, valueInteger: 2 ** 40 }, 'Observation.valueInteger'],
  ['text for a number', { ...observation, valueQuantity: { value: '5' } }, 'Observation.valueQuantity.value'],
  ['text for an object', { ...observation, code: 'x' }, 'Observation.code'],
  ['a control character', { ...observation, code: { text: 'a\u0000b' } }, 'Observation.code.text'],
  ['half a character', { ...observation, code: { text: '\ud800' } }, 'Observation.code.text'],
  ['an empty text', { ...observation, code: { text: '' } }, 'Observation.code.text'],
  ['an empty list', { ...observation, category: [] }, 'Observation.category'],
  ['one for a list', { ...observation, category: { text: 'x' } }, 'Observation.category'],
  ['a null', { ...observation, issued: null }, 'Observation.issued'],
  ['a null in a list', { ...patient, name: [{ given: [null] }] }, 'Patient.name[0].given[0]'],
  ['two of a choice', { ...observation, valueString: 'a', valueInteger: 1 }, 'Observation.valueInteger'],
  ['a choice that there is not', { ...observation, valueAddress: {} }, 'Observation.valueAddress'],
  ['a choice without its type', { ...observation, value: 'x' }, 'Observation.value'],
  ['an unknown element of a part', { ...observation, code: { text: 'x', foo: 1 } }, 'Observation.code.foo'],
  ['an extension of an unknown element', { ...patient, _nothing: { id: '1' } }, 'Patient._nothing'],
  ['an unknown element of an extension', { ...patient, _birthDate: { foo: 1 } }, 'Patient.birthDate.foo'],
  [
    'more values than extensions beside them',
    { ...patient, name: [{ given: ['a', 'b'], _given: [null] }] },
    'Patient.name[0].given',
  ],
  [
    'an extension without its URL',
    { ...observation, extension: [{ valueString: 'x' }] },
    'Observation.extension[0].url',
  ],
  [
    'an extension with two values',
    { ...observation, extension: [{ url: 'http://x', valueString: 'x', valueInteger: 1 }] },
    'Observation.extension[0].valueInteger',
  ],
  [
    'an extension with a value and parts',
    {
      ...observation,
      extension: [{ url: 'http://x', valueString: 'x', extension: [{ url: 'http://y', valueString: 'z' }] }],
    },
    'Observation.extension[0]',
  ],
  [
    'a reference to a type that the element does not allow',
    { ...observation, subject: { reference: 'Practitioner/1' } },
    'Observation.subject.reference',
  ],
  [
    'one on another server',
    { ...observation, subject: { reference: 'https://a.example/fhir/Practitioner/1' } },
    'Observation.subject.reference',
  ],
  [
    'one that says its type',
    { ...observation, subject: { type: 'Practitioner', display: 'x' } },
    'Observation.subject.type',
  ],
  [
    'a reference to an unknown type',
    { ...observation, subject: { reference: 'Wizard/1' } },
    'Observation.subject.reference',
  ],
  [
    'a reference that is none',
    { ...observation, subject: { reference: 'hello world' } },
    'Observation.subject.reference',
  ],
  [
    'a reference to what is not contained',
    { ...observation, subject: { reference: '#p' } },
    'Observation.subject.reference',
  ],
  [
    'a contained resource of a wrong type',
    { ...observation, contained: [{ resourceType: 'Practitioner', id: 'p' }], subject: { reference: '#p' } },
    'Observation.subject.reference',
  ],
  [
    'a contained resource without a type',
    { ...observation, contained: [{ id: 'p' }] },
    'Observation.contained[0].resourceType',
  ],
  [
    'a contained resource of an unknown type',
    { ...observation, contained: [{ resourceType: 'Wizard', id: 'p' }] },
    'Observation.contained[0].resourceType',
  ],
  [
    'a code in a contained resource',
    { ...observation, contained: [{ resourceType: 'Patient', id: 'p', gender: 'q' }] },
    'Observation.contained[0].gender',
  ],
  [
    'a code in a bundled resource',
    bundled({ ...observation, status: 'done' }),
    'Bundle.entry[0].resource.status',
  ],
  [
    'a bundled resource of an unknown type',
    bundled({ resourceType: 'Wizard' }),
    'Bundle.entry[0].resource.resourceType',
  ],
  [
    'a period that ends before it starts',
    { ...observation, effectivePeriod: { start: '2020-02-01', end: '2020-01' } },
    'Observation.effectivePeriod',
  ],
  [
    'a narrative that runs something',
    {
      ...observation,
      text: {
        status: 'generated',
        div: '<div xmlns="http://www.w3.org/1999/xhtml"><script>1</script></div>',
      },
    },
    'Observation.text.div',
  ],
  ['a missing element', { resourceType: 'Observation', status: 'final' }, 'Observation.code'],
  [
    'a broken invariant',
    { ...observation, valueString: 'x', dataAbsentReason: { text: 'x' } },
    'Observation',
  ],
])('refuses %s, naming the element', (_what, resource, path) => {
  expect(issuesOf(resource).map((issue) => issue.path)).toEqual([path]);
});

test('tells all that is wrong with a resource at once', () => {
  const wrong = {
    resourceType: 'Observation',
    status: 'done',
    mood: 1,
    issued: 'x',
    component: [{ valueInteger: 'y' }],
  };
  expect(issuesOf(wrong).map(({ path }) => path)).toEqual([
    'Observation.status',
    'Observation.mood',
    'Observation.issued',
    'Observation.component[0].valueInteger',
    'Observation.code',
    'Observation.component[0].code',
  ]);
});

test('tells a bounded number of faults', () => {
  const wrong = { ...patient, name: Array.from({ length: 10_000 }, () => ({ family: 7 })) };
  expect(issuesOf(wrong)).toHaveLength(maxIssues);
});

describe('mutants of HL7’s examples', () => {
  const examples = readFileSync(
    new URL('../../src/fhir/examples/r4-examples.ndjson', import.meta.url),
    'utf8',
  )
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown> & { resourceType: string });

  type Mutant = { readonly path: string; readonly resource: unknown };

  /** The value with one part changed. */
  function changed(value: unknown, [key, ...rest]: readonly (string | number)[], to: unknown): unknown {
    if (key === undefined) return to;
    if (Array.isArray(value))
      return value.map((item: unknown, index) => (index === key ? changed(item, rest, to) : item));
    const members = value as Record<string, unknown>;
    return { ...members, [key]: changed(members[key], rest, to) };
  }

  /** Each scalar of another type, and an unknown element in each object: under the path that a refusal has to name. */
  function mutantsOf(resource: Record<string, unknown> & { resourceType: string }): Mutant[] {
    const mutants: Mutant[] = [];
    const visit = (value: unknown, keys: readonly (string | number)[], path: string): void => {
      if (Array.isArray(value))
        value.forEach((item, index) => visit(item, [...keys, index], `${path}[${index}]`));
      else if (typeof value === 'object' && value !== null) {
        mutants.push({ path: `${path}.mutant`, resource: changed(resource, [...keys, 'mutant'], 1) });
        for (const [key, item] of Object.entries(value))
          visit(item, [...keys, key], `${path}.${key.startsWith('_') ? key.slice(1) : key}`);
      } else if (value !== null) {
        const wrong = typeof value === 'string' ? { is: 'no text' } : 'no number';
        mutants.push({ path, resource: changed(resource, keys, wrong) });
      }
    };
    visit(resource, [], resource.resourceType);
    return mutants.slice(0, 25);
  }

  test.each(examples.map((example) => [example.resourceType, example]))(
    'of %s are refused by name',
    (type, example) => {
      for (const { path, resource } of mutantsOf(example)) {
        if (path === `${type}.resourceType`) continue;
        expect({ path, named: issuesOf(resource).map((issue) => issue.path) }).toEqual({
          path,
          named: expect.arrayContaining([expect.stringContaining(path)]) as string[],
        });
      }
    },
  );
});
