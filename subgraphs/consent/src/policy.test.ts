import { describe, expect, test } from '@jest/globals';
import { Query } from 'mingo';
import {
  type Principal,
  visibleAudit,
  visibleConsents,
  visibleEmergencies,
  visibleOpenings,
} from './policy.js';

const patient = 'a'.repeat(40);
const other = 'b'.repeat(40);
const consent = { patient, grantee: 'grantee' };
const opening = { patient, actor: 'grantee' };
const ownOpening = { patient, actor: patient };
const request = { patient, agent: 'grantee' };
const emergency = { patient, institution: 'grantee', custodian: 'custodian' };
const lets = (filter: object | undefined, document: Record<string, unknown>): boolean =>
  filter !== undefined && new Query(filter).test(document);

type Seen = [consent: boolean, opening: boolean, own: boolean, audit: boolean, emergency: boolean];
const everything: Seen = [true, true, true, true, true];
const nothing: Seen = [false, false, false, false, false];
const table: [string, Partial<Principal> & Pick<Principal, 'role'>, Seen][] = [
  ['the patient', { role: 'patient', patient }, everything],
  ['another patient', { role: 'patient', patient: other }, nothing],
  ['whoever decides for the patient', { role: 'patient', patient: other, principals: [patient] }, everything],
  ['a patient’s token without an address', { role: 'patient' }, nothing],
  ['the grantee', { role: 'hospital', institution: 'grantee' }, [true, true, false, true, true]],
  ['a practitioner of it', { role: 'practitioner', institution: 'grantee' }, [true, true, false, true, true]],
  ['another institution', { role: 'hospital', institution: 'other' }, nothing],
  ['an institution of another organisation', { role: 'hospital' }, nothing],
  ['a regulator', { role: 'regulator', institution: 'regulator' }, [false, false, false, false, true]],
  ['a regulator without an institution', { role: 'regulator' }, nothing],
  ['an operator', { role: 'operator' }, nothing],
];

describe('consents, openings, the audit trail and emergency accesses are seen', () => {
  test.each(table)('by %s', (_who, viewer, expected) => {
    const principal: Principal = { principals: [], ...viewer };
    expect([
      lets(visibleConsents(principal), consent),
      lets(visibleOpenings(principal), opening),
      lets(visibleOpenings(principal), ownOpening),
      lets(visibleAudit(principal), request),
      lets(visibleEmergencies(principal), emergency),
    ]).toEqual(expected);
  });
});
