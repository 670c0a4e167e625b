import { readFileSync } from 'node:fs';
import { type FhirResource } from 'fhir/r4.js';
import { FhirInvalidError, FhirTooLargeError } from './errors.js';
import { maxDepth } from './json-limits.js';
import { maxResourceBytes, parseResource, validateResource } from './validate-resource.js';

/** One example of each resource type of R4, from HL7's examples package (CC0). */
const examples = readFileSync(new URL('../../src/fhir/examples/r4-examples.ndjson', import.meta.url), 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line) as FhirResource);

const observation = { resourceType: 'Observation', status: 'final', code: { text: 'Heart rate' } };

function faultOf(value: unknown): FhirInvalidError {
  try {
    validateResource(value);
  } catch (error) {
    if (error instanceof FhirInvalidError) return error;
    throw error;
  }
  throw new Error('the value was accepted');
}

/** Examples that refer to a type which R4 does not allow there. */
const mistaken: ReadonlyMap<string, string> = new Map([
  ['DeviceMetric', 'DeviceMetric.parent.reference'],
  ['DeviceUseStatement', 'DeviceUseStatement.reasonReference[0].reference'],
]);

describe('validateResource', () => {
  test.each(
    examples
      .filter(({ resourceType }) => !mistaken.has(resourceType))
      .map((example) => [example.resourceType, example]),
  )('accepts HL7’s %s', (_type, example) => {
    expect(() => validateResource(example)).not.toThrow();
  });

  test.each([...mistaken])('finds the mistake in HL7’s %s', (type, path) => {
    const example = examples.find(({ resourceType }) => resourceType === type);
    expect(faultOf(example).issues).toEqual([
      { path, message: expect.stringContaining('may refer to') as string },
    ]);
  });

  test.each<[string, unknown, string, RegExp]>([
    ['nothing', undefined, 'Resource', /not a JSON object/],
    ['null', null, 'Resource', /not a JSON object/],
    ['text', 'Observation', 'Resource', /not a JSON object/],
    ['a list', [observation], 'Resource', /not a JSON object/],
    ['no type', { status: 'final' }, 'Resource.resourceType', /missing/],
    ['a type that is no text', { resourceType: 7 }, 'Resource.resourceType', /missing/],
    ['an unknown type', { resourceType: 'Wizard' }, 'Resource.resourceType', /not a resource type/],
    ['a data type', { resourceType: 'HumanName' }, 'Resource.resourceType', /not a resource type/],
    ['an abstract type', { resourceType: 'DomainResource' }, 'Resource.resourceType', /not a resource type/],
    [
      'the name of a prototype',
      { resourceType: 'constructor' },
      'Resource.resourceType',
      /not a resource type/,
    ],
    ['a missing element', { ...observation, status: undefined }, 'Observation.status', /required/i],
    ['a wrong type', { ...observation, status: 7 }, 'Observation.status', /type/i],
    ['an unknown element', { ...observation, mood: 'good' }, 'Observation.mood', /additional/],
    ['a wrong format', { resourceType: 'Patient', birthDate: 'soon' }, 'Patient.birthDate', /date/],
    [
      'a list for one',
      { ...observation, code: [observation.code] },
      'Observation.code',
      /array|type|expected/i,
    ],
    ['a value that is not JSON', { ...observation, issued: new Date() }, 'Resource.issued', /plain JSON/],
    [
      'a number that is not finite',
      { ...observation, valueInteger: Infinity },
      'Resource.valueInteger',
      /finite/,
    ],
    ['a function', { ...observation, note: () => 1 }, 'Resource.note', /function/],
  ])('refuses %s', (_what, value, path, message) => {
    const fault = faultOf(value);
    expect(fault.code).toBe('FHIR_INVALID');
    expect(fault.issues[0]).toEqual({ path, message: expect.stringMatching(message) as string });
  });

  test('tells every fault', () => {
    const paths = faultOf({ resourceType: 'Patient', birthDate: 'soon', mood: 'good' }).issues.map(
      (i) => i.path,
    );
    expect(paths).toEqual(['Patient.birthDate', 'Patient.mood']);
  });

  test.each(['__proto__', 'constructor', 'prototype'])('refuses the key %s anywhere', (key) => {
    const text = `{"resourceType":"Observation","status":"final","code":{"text":"x","${key}":{"polluted":true}}}`;
    expect(faultOf(JSON.parse(text)).issues[0]).toEqual({
      path: 'Resource.code',
      message: `has the forbidden key "${key}"`,
    });
  });

  test('refuses a depth bomb and a cycle', () => {
    const bomb = JSON.parse(`${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}`) as object;
    expect(faultOf({ ...observation, extension: bomb }).message).toContain(`deeper than ${maxDepth}`);
    const cycle: Record<string, unknown> = { ...observation };
    cycle['contained'] = [cycle];
    expect(faultOf(cycle).message).toContain(`deeper than ${maxDepth}`);
  });

  test('refuses an oversized resource, counted in bytes', () => {
    const text = 'é'.repeat(maxResourceBytes / 2);
    expect(() => validateResource({ ...observation, code: { text } })).toThrow(FhirTooLargeError);
  });

  test('takes base64 of any length where its reader does, and no text beyond 1 MB', () => {
    const data = 'QUJD'.repeat(500_000);
    const large = 3_000_000;
    const binary = { resourceType: 'Binary', contentType: 'application/pdf', data };
    expect(() => validateResource(binary, undefined, large)).not.toThrow();
    const letter = {
      resourceType: 'DocumentReference',
      status: 'current',
      content: [{ attachment: { contentType: 'application/pdf', data } }],
    };
    expect(() => validateResource(letter, undefined, large)).not.toThrow();
    const described = { ...letter, content: [{ attachment: { title: data } }] };
    expect(() => validateResource(described, undefined, large)).toThrow(FhirInvalidError);
  });
});

describe('parseResource', () => {
  test('reads text and bytes', () => {
    const json = JSON.stringify(observation);
    expect(parseResource(json)).toEqual(observation);
    expect(parseResource(new TextEncoder().encode(json))).toEqual(observation);
  });

  const faultIn = (json: string | Uint8Array) => {
    try {
      parseResource(json, 'line 3');
    } catch (error) {
      if (error instanceof FhirInvalidError) return error.extensions.issues[0];
      throw error;
    }
    throw new Error('the text was accepted');
  };

  test.each<[string, string | Uint8Array, string, RegExp]>([
    ['is not JSON', '{"resourceType":', 'Resource', /not JSON/],
    ['is not UTF-8', Uint8Array.from([0x22, 0xff, 0xfe, 0x22]), 'Resource', /not UTF-8/],
    [
      'has an element twice',
      '{"resourceType":"Patient","active":true,"active":false}',
      'Resource.active',
      /twice/,
    ],
    [
      'has an element twice, written otherwise',
      String.raw`{"resourceType":"Patient","name":[{"text":"}"},{"text":"a\"","t\u0065xt":"b"}]}`,
      'Resource.name[1].text',
      /twice/,
    ],
  ])('refuses what %s', (_what, json, path, message) => {
    expect(faultIn(json)).toEqual({
      severity: 'error',
      code: 'invalid',
      expression: [path],
      diagnostics: expect.stringMatching(message) as string,
      location: ['line 3'],
    });
  });

  test('refuses an oversized text before reading it', () => {
    expect(() => parseResource('['.repeat(maxResourceBytes + 1))).toThrow(FhirTooLargeError);
  });
});
