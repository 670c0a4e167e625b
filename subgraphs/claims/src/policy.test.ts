import { describe, expect, test } from '@jest/globals';
import { type Relationship, RequestContext, type Viewer } from '@medigraph/platform/graph';
import { SmartScopes } from '@medigraph/platform/identity';
import { Query } from 'mingo';
import { visibleClaims, visibleCoverages } from './policy.js';

const patient = 'a'.repeat(40);
const other = 'b'.repeat(40);
const claim = {
  patient,
  provider: 'hospital-a',
  providerMspId: 'HospitalAMSP',
  insurer: 'insurer-a',
  insurerMspId: 'InsurerAMSP',
};
const coverage = {
  beneficiary: patient,
  insurer: 'insurer-a',
  insurerMspId: 'InsurerAMSP',
  transaction: { channel: 'claims-insurer-a' },
};
const onChannel = new Set(['HospitalAMSP', 'HospitalBMSP', 'InsurerAMSP', 'RegulatorMSP', 'PatientsMSP']);

function contextOf(viewer: Viewer, mspId: string, storage = false, scope = 'medigraph') {
  const relationship = { storage } as Relationship;
  const known = {
    caller: { mspId, role: viewer.role },
    scopes: new SmartScopes({ scopes: new Set(scope.split(' ')), role: viewer.role }),
    viewer: () => Promise.resolve(viewer),
    viewerOf: (type: string) => RequestContext.prototype.viewerOf.call(known, type),
    relationshipWith: () => Promise.resolve(relationship),
    channels: onChannel.has(mspId) ? ['claims-insurer-a'] : ['claims-insurer-b'],
  };
  return known as unknown as RequestContext & { channels: string[] };
}
const lets = (filter: object | undefined, document: Record<string, unknown>): boolean =>
  filter !== undefined && new Query(filter).test(document);

const table: [string, Viewer, string, { claim: boolean; coverage: boolean; storage?: boolean }][] = [
  ['the patient', { role: 'patient', patient }, 'PatientsMSP', { claim: true, coverage: true }],
  ['another patient', { role: 'patient', patient: other }, 'PatientsMSP', { claim: false, coverage: false }],
  [
    'the provider',
    { role: 'hospital', institution: 'hospital-a' },
    'HospitalAMSP',
    { claim: true, coverage: false },
  ],
  [
    'a hospital that stores their records',
    { role: 'hospital', institution: 'hospital-b' },
    'HospitalBMSP',
    { claim: false, coverage: true, storage: true },
  ],
  [
    'the insurer',
    { role: 'insurer', institution: 'insurer-a' },
    'InsurerAMSP',
    { claim: true, coverage: true },
  ],
  [
    'its rival',
    { role: 'insurer', institution: 'insurer-b' },
    'InsurerBMSP',
    { claim: false, coverage: false },
  ],
  [
    'a rival that may store their records',
    { role: 'insurer', institution: 'insurer-b' },
    'InsurerBMSP',
    { claim: false, coverage: false, storage: true },
  ],
  [
    'a rival that calls itself the insurer',
    { role: 'insurer', institution: 'insurer-a' },
    'InsurerBMSP',
    { claim: false, coverage: false },
  ],
  [
    'a rival that calls itself the provider',
    { role: 'hospital', institution: 'hospital-a' },
    'InsurerBMSP',
    { claim: false, coverage: false },
  ],
  [
    'a regulator',
    { role: 'regulator', institution: 'regulator' },
    'RegulatorMSP',
    { claim: false, coverage: false },
  ],
  ['an operator of the insurer', { role: 'operator' }, 'InsurerAMSP', { claim: false, coverage: false }],
];

describe('claims and coverages are seen', () => {
  test.each(table)('by %s', async (_who, viewer, mspId, expected) => {
    const context = contextOf(viewer, mspId, expected.storage);
    expect({
      claim: lets(await visibleClaims(context), claim),
      coverage: lets(await visibleCoverages(context, patient), coverage),
    }).toEqual({ claim: expected.claim, coverage: expected.coverage });
  });
});

describe('the scopes of a token open', () => {
  test.each([
    ['patient/Claim.r', { claim: true, coverage: false }],
    ['patient/Coverage.rs', { claim: false, coverage: true }],
    ['patient/Observation.rs', { claim: false, coverage: false }],
    ['patient/*.rs', { claim: true, coverage: true }],
  ])('with %s: %j', async (scope, expected) => {
    const context = contextOf({ role: 'patient', patient }, 'PatientsMSP', false, scope);
    expect({
      claim: lets(await visibleClaims(context), claim),
      coverage: lets(await visibleCoverages(context, patient), coverage),
    }).toEqual(expected);
  });
});
