import { describe, expect, test } from '@jest/globals';
import { type Viewer } from '@medigraph/platform/graph';
import { Query } from 'mingo';
import { visibleConsents, visibleOpenings } from './policy.js';

const patient = 'a'.repeat(40);
const consent = { patient, grantee: 'grantee' };
const opening = { patient, actor: 'grantee' };
const ownOpening = { patient, actor: patient };
const lets = (filter: object | undefined, document: Record<string, unknown>): boolean =>
  filter !== undefined && new Query(filter).test(document);

const table: [string, Viewer, [consent: boolean, opening: boolean, own: boolean]][] = [
  ['the patient', { role: 'patient', patient }, [true, true, true]],
  ['another patient', { role: 'patient', patient: 'b'.repeat(40) }, [false, false, false]],
  ['a patient’s token without an address', { role: 'patient' }, [false, false, false]],
  ['the grantee', { role: 'insurer', institution: 'grantee' }, [true, true, false]],
  ['a practitioner of the grantee', { role: 'practitioner', institution: 'grantee' }, [true, true, false]],
  ['another institution', { role: 'hospital', institution: 'other' }, [false, false, false]],
  ['an institution of another organisation', { role: 'hospital' }, [false, false, false]],
  ['a regulator', { role: 'regulator', institution: 'regulator' }, [false, false, false]],
  ['an operator', { role: 'operator' }, [false, false, false]],
];

describe('consents and openings are seen', () => {
  test.each(table)('by %s', (_who, viewer, expected) => {
    expect([
      lets(visibleConsents(viewer), consent),
      lets(visibleOpenings(viewer), opening),
      lets(visibleOpenings(viewer), ownOpening),
    ]).toEqual(expected);
  });
});
