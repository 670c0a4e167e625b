import { beforeEach, expect, test } from '@jest/globals';
import { ClaimsScene } from './testing/claims-scene.js';

let scene: ClaimsScene;
beforeEach(async () => {
  scene = await ClaimsScene.open();
});

test('policies are registered once, by the insurer of the channel', async () => {
  const { result, event } = await scene.registerPolicy('cov-2');
  expect(result).toMatchObject([{ id: 'cov-2', status: 'active', insurerMspId: 'InsurerAMSP' }]);
  expect(event).toEqual({ name: 'PolicyRegistered', payload: result });
  await expect(scene.registerPolicy('cov-2')).rejects.toThrow('COVERAGE_EXISTS: coverage cov-2 exists');
  for (const who of [scene.hospital, scene.regulator, scene.patient])
    await expect(scene.registerPolicy('cov-3', who)).rejects.toThrow(
      'CALLER_FORBIDDEN: policies on this channel are registered by InsurerAMSP',
    );
  const [policy] = result;
  if (!policy) throw new Error('no policy was registered');
  const { id, insurer, beneficiary, period, currency } = policy;
  const twice = { id: `${id}-x`, insurer, beneficiary, period, currency };
  await expect(
    scene.submit(scene.insurer, 'Coverage:RegisterPolicies', { policies: [twice, twice] }),
  ).rejects.toThrow(/^ARGUMENT_INVALID: policies.1.id/);
});

test('an institution is provider or insurer on a channel, never both', async () => {
  await scene.submitClaims(scene.claim('c1'));
  await expect(scene.registerPolicy('cov-2', scene.insurer, 'hospital-a')).rejects.toThrow(
    'CALLER_FORBIDDEN: institution hospital-a is provider for HospitalAMSP',
  );
});

test.each([
  ['2025-12-31', false],
  ['2026-01-01', true],
  ['2026-12-31', true],
  ['2027-01-01', false],
])('on %s in force: %s', async (servicedDate, inforce) => {
  for (const who of [scene.insurer, scene.patient, scene.hospital])
    expect(
      await scene.evaluate(who, 'Coverage:CheckEligibility', { coverage: 'cov', servicedDate }),
    ).toMatchObject({ coverage: 'cov', inforce });
});

test('eligibility under no coverage is not found', async () => {
  await expect(
    scene.evaluate(scene.hospital, 'Coverage:CheckEligibility', {
      coverage: 'x',
      servicedDate: '2026-01-01',
    }),
  ).rejects.toThrow('COVERAGE_NOT_FOUND: there is no coverage x');
});
