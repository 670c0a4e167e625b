import { type Role } from '@medigraph/schema';
import { SmartScopes } from './smart-scopes.js';

const of = (scopes: string, role: Role = 'patient') =>
  new SmartScopes({ scopes: new Set(scopes.split(' ').filter(Boolean)), role });

describe('SMART scopes', () => {
  it.each([
    ['patient/Observation.rs', 'Observation', 'read', true],
    ['patient/Observation.rs', 'Observation', 'search', true],
    ['patient/Observation.rs', 'Observation', 'create', false],
    ['patient/Observation.rs', 'Condition', 'read', false],
    ['patient/Observation.r patient/Condition.s', 'Observation', 'search', false],
    ['patient/Observation.r patient/Condition.s', 'Condition', 'search', true],
    ['user/*.cruds', 'Claim', 'delete', true],
    ['patient/*.read', 'Claim', 'search', true],
    ['patient/*.read', 'Claim', 'update', false],
    ['system/Claim.write', 'Claim', 'create', true],
    ['system/Claim.write', 'Claim', 'read', false],
  ] as const)('%s on %s to %s: %s', (scopes, type, interaction, allowed) => {
    expect(of(scopes).allows(type, interaction)).toBe(allowed);
  });

  it('narrow nothing beside medigraph, and where there is none', () => {
    for (const scopes of ['', 'openid', 'medigraph', 'medigraph patient/Observation.r'])
      expect(of(scopes)).toMatchObject({ whole: true });
    expect(of('medigraph patient/Observation.r').allows('Claim', 'update')).toBe(true);
  });

  it('about one patient mean nothing for whoever is none', () => {
    expect(of('patient/*.cruds', 'practitioner').allows('Observation', 'read')).toBe(false);
    expect(of('patient/*.cruds user/Claim.r', 'insurer').allows('Claim', 'read')).toBe(true);
  });

  it.each([
    'patient/Observation.sr',
    'patient/Observation.',
    'patient/Observation.rx',
    'patient/observation.r',
    'patient/Observation',
    'practitioner/Observation.r',
    'patient/Observation.r?category=laboratory',
    'PATIENT/Observation.r',
  ])('%s is none: beside a right one it opens nothing', (scope) => {
    const scopes = of(`${scope} patient/Claim.r`);
    expect(scopes.whole).toBe(false);
    expect(scopes.allows('Observation', 'read')).toBe(false);
  });
});
