import { describe, expect, test } from '@jest/globals';
import { never, type Relationship, type RequestContext, type Viewer } from '@medigraph/platform/graph';
import { Query } from 'mingo';
import { maySeePatient, relatedPatients } from './policy.js';

const now = '2026-06-01T00:00:00.000Z';
const patient = 'a'.repeat(40);
const until = (end: string): Relationship => ({
  _id: '',
  institution: 'institution',
  patient,
  storage: end === never,
  consents: [],
  until: end,
});
const institution: Viewer = { role: 'hospital', institution: 'institution' };

const table: [string, Viewer, Relationship | undefined, boolean][] = [
  ['themself', { role: 'patient', patient }, undefined, true],
  ['another patient', { role: 'patient', patient: 'b'.repeat(40) }, undefined, false],
  ['an institution that may store', institution, until(never), true],
  ['a grantee whose consent runs', institution, until('2026-06-01T00:00:00.001Z'), true],
  ['a grantee whose consent has run out', institution, until(now), false],
  ['an institution that nothing is left to', institution, until(''), false],
  ['an institution they have nothing to do with', institution, undefined, false],
  ['an operator', { role: 'operator' }, undefined, false],
];

describe('a patient is seen', () => {
  test.each(table)('by %s', async (_who, viewer, relationship, expected) => {
    const known = {
      viewer: () => Promise.resolve(viewer),
      relationshipWith: () => Promise.resolve(viewer.institution && relationship),
    };
    expect(await maySeePatient(known as unknown as RequestContext, patient, now)).toBe(expected);
    // The list goes another way to the same answer; patients have no list but themselves.
    const filter = relatedPatients(viewer, now);
    const listed =
      filter !== undefined && relationship !== undefined && new Query(filter).test({ ...relationship });
    if (viewer.patient === undefined) expect(listed).toBe(expected);
  });
});
