import { describe, expect, test } from '@jest/globals';
import { SmartScopes } from '@medigraph/platform/identity';
import { type Relationship, type RequestContext, type Viewer } from '@medigraph/platform/graph';
import { type care, type SmartInteraction } from '@medigraph/schema';
import { Query } from 'mingo';
import { purposeOf, visibleEntries } from './policy.js';

const now = '2026-06-01T00:00:00.000Z';
const patient = 'a'.repeat(40);
const other = 'b'.repeat(40);

const entry = (id: string, changes: Partial<care.Entry> = {}): Record<string, unknown> => ({
  _id: `${patient}:${id}`,
  id,
  patient,
  institution: 'holder',
  class: 'clinical',
  resourceType: 'Observation',
  category: 'observation',
  date: '2026-03-01',
  status: 'final',
  ...changes,
});
const entries = {
  final: entry('final'),
  proposed: entry('proposed', { status: 'preliminary' }),
  retracted: entry('retracted', { status: 'entered-in-error' }),
  condition: entry('condition', { resourceType: 'Condition', category: 'condition' }),
  old: entry('old', { date: '2020-01-01' }),
  personal: entry('personal', { institution: patient, class: 'personal' }),
  others: entry('others', { patient: other }),
};
type Name = keyof typeof entries;
const ofPatient: Name[] = ['final', 'proposed', 'retracted', 'condition', 'old', 'personal'];

const consent = (changes: Partial<care.Consent> = {}): care.Consent => ({
  id: 'consent',
  status: 'active',
  decision: 'permit',
  patient,
  grantee: 'grantee',
  period: {},
  provision: { purpose: ['TREAT'] },
  ...changes,
});

function contextOf(viewer: Viewer, consents: care.Consent[] = [], scope = 'medigraph'): RequestContext {
  const relationship: Relationship = {
    _id: '',
    institution: viewer.institution ?? '',
    patient,
    storage: true,
    consents,
    until: '',
  };
  const known = {
    scopes: new SmartScopes({ scopes: new Set(scope.split(' ')), role: viewer.role }),
    viewer: () => Promise.resolve(viewer),
    relationshipWith: (whose: string) => Promise.resolve(whose === patient ? relationship : undefined),
  };
  return known as unknown as RequestContext;
}

async function seenBy(context: RequestContext, interaction?: SmartInteraction): Promise<Name[]> {
  const filters = (
    await Promise.all([patient, other].map((whose) => visibleEntries(context, whose, now, interaction)))
  ).filter((filter) => filter !== undefined);
  return (Object.keys(entries) as Name[]).filter((name) =>
    filters.some((filter) => new Query(filter).test(entries[name])),
  );
}

const grantee: Viewer = { role: 'insurer', institution: 'grantee' };
const table: [string, Viewer, care.Consent[], Name[]][] = [
  ['the patient', { role: 'patient', patient }, [], ofPatient],
  ['another patient', { role: 'patient', patient: other }, [], ['others']],
  ['a patient’s token without an address', { role: 'patient' }, [], []],
  ['the holder', { role: 'hospital', institution: 'holder' }, [], [...ofPatient.slice(0, 5), 'others']],
  [
    'a practitioner of the holder',
    { role: 'practitioner', institution: 'holder' },
    [],
    [...ofPatient.slice(0, 5), 'others'],
  ],
  ['an operator', { role: 'operator' }, [], []],
  ['a regulator without a consent', { role: 'regulator', institution: 'regulator' }, [], []],
  ['an institution without a consent', grantee, [], []],
  ['a grantee of everything', grantee, [consent()], ['final', 'condition', 'old', 'personal']],
  ['a grantee who has only asked', grantee, [consent({ status: 'draft' })], []],
  ['a grantee who was denied', grantee, [consent({ status: 'not-done', decision: 'deny' })], []],
  ['a grantee whose period is over', grantee, [consent({ period: { end: now } })], []],
  [
    'a grantee whose period is to come',
    grantee,
    [consent({ period: { start: '2026-06-01T00:00:00.001Z' } })],
    [],
  ],
  [
    'a grantee of a category',
    grantee,
    [consent({ provision: { purpose: ['TREAT'], category: ['condition'] } })],
    ['condition'],
  ],
  [
    'a grantee of a resource type',
    grantee,
    [consent({ provision: { purpose: ['TREAT'], resourceType: ['Condition', 'Claim'] } })],
    ['condition'],
  ],
  [
    'a grantee of a type that is refused',
    grantee,
    [
      consent(),
      consent({
        id: 'no',
        decision: 'deny',
        provision: { purpose: ['TREAT'], resourceType: ['Observation'] },
      }),
    ],
    ['condition'],
  ],
  [
    'a grantee of one entry, proposed ones never',
    grantee,
    [consent({ provision: { purpose: ['TREAT'], data: ['old', 'proposed'] } })],
    ['old'],
  ],
  [
    'a grantee of days',
    grantee,
    [consent({ provision: { purpose: ['TREAT'], dataPeriod: { start: '2026-01-01', end: '2026-03-01' } } })],
    ['final', 'condition', 'personal'],
  ],
  [
    'a grantee of two consents',
    grantee,
    [
      consent({ provision: { purpose: ['TREAT'], data: ['old'] } }),
      consent({ id: 'second', provision: { purpose: ['TREAT'], category: ['condition'] } }),
    ],
    ['condition', 'old'],
  ],
];

describe('entries are seen', () => {
  test.each(table)('by %s', async (_who, viewer, consents, expected) => {
    expect((await seenBy(contextOf(viewer, consents))).sort()).toEqual([...expected].sort());
  });
});

describe('the scopes of a token narrow', () => {
  const own: Viewer = { role: 'patient', patient };
  const holder: Viewer = { role: 'hospital', institution: 'holder' };
  const observations: Name[] = ['final', 'proposed', 'retracted', 'old', 'personal'];
  const ofScopes: [string, Viewer, SmartInteraction, Name[]][] = [
    ['patient/*.rs', own, 'read', ofPatient],
    ['patient/Observation.rs', own, 'read', observations],
    ['patient/Observation.r', own, 'search', []],
    ['patient/Condition.s', own, 'search', ['condition']],
    ['patient/Claim.rs', own, 'read', []],
    ['patient/*.rs', holder, 'read', []],
    ['user/Condition.rs', holder, 'read', ['condition']],
    ['user/Condition.rs medigraph', own, 'read', ofPatient],
  ];
  test.each(ofScopes)('%s of %j to %s', async (scope, viewer, interaction, expected) => {
    const seen = await seenBy(contextOf(viewer, [], scope), interaction);
    expect(seen.sort()).toEqual([...expected].sort());
  });
});

test('a patient reads at their own request, whatever else they are', () => {
  expect(purposeOf('patient')).toBe('PATRQT');
  expect(purposeOf('insurer')).toBe('COVAUTH');
});
