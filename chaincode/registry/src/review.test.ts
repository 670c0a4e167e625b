import { beforeEach, expect, test } from '@jest/globals';
import { RegistryScene } from './testing/registry-scene.js';

let scene: RegistryScene;
beforeEach(async () => {
  scene = await RegistryScene.open();
});

const version = (one: string) => ({ dapp: 'diary', version: one });
const status = async (one: string) =>
  (await scene.evaluate(scene.publisher, 'DApps:ReadRelease', version(one))).status;

test('a version is checked, approved by the majority, and runs once activated', async () => {
  await scene.publish('1.0.0');
  await expect(scene.approve('1.0.0')).rejects.toThrow(/^RELEASE_STATE_INVALID/);
  await scene.check('1.0.0');
  await scene.approve('1.0.0', scene.reviewers.slice(0, 3));
  expect(await status('1.0.0')).toBe('checked');
  await expect(scene.submit(scene.publisher, 'DApps:Activate', version('1.0.0'))).rejects.toThrow(
    /^RELEASE_STATE_INVALID/,
  );
  await scene.approve('1.0.0', scene.reviewers.slice(3, 4));
  expect(await status('1.0.0')).toBe('approved');
  await scene.submit(scene.publisher, 'DApps:Activate', version('1.0.0'));
  expect(await scene.evaluate(scene.care.patient, 'DApps:ReadDApp', { dapp: 'diary' })).toMatchObject({
    status: 'active',
    active: '1.0.0',
  });
  await scene.approve('1.0.0', scene.reviewers.slice(4));
});

test('an organisation votes once; a person, someone of it or a program of it never does', async () => {
  await scene.publish('1.0.0');
  await scene.check('1.0.0');
  await scene.approve('1.0.0', scene.reviewers.slice(0, 1));
  await expect(scene.approve('1.0.0', scene.reviewers.slice(0, 1))).rejects.toThrow(/^VOTE_EXISTS/);
  const person = await scene.care.bench.enrol('HospitalBMSP');
  await expect(scene.approve('1.0.0', [person])).rejects.toThrow(/^CALLER_FORBIDDEN/);
  for (const kind of ['practitioner', 'application']) {
    const member = await scene.care.bench.enrol('HospitalBMSP', 'x', {
      attributes: { [`medigraph.${kind}`]: 'x' },
    });
    await expect(scene.approve('1.0.0', [member])).rejects.toThrow(/^CALLER_FORBIDDEN/);
  }
  const outsider = await scene.care.bench.enrol('OutsideMSP', 'client');
  await expect(scene.approve('1.0.0', [outsider])).rejects.toThrow(/^CALLER_FORBIDDEN/);
});

test('an error that any organisation’s checks find refuses the version, with its reason', async () => {
  await scene.publish('1.0.0');
  const { result, event } = await scene.submit(scene.care.insurer, 'DApps:ReportChecks', {
    ...version('1.0.0'),
    findings: [{ check: 'determinism', severity: 'error', code: 'CLOCK', message: 'uses the clock' }],
  });
  expect(event?.name).toBe('DAppRefused');
  expect(result).toMatchObject({ status: 'refused', reason: 'CLOCK: uses the clock' });
  await expect(scene.approve('1.0.0')).rejects.toThrow(/^RELEASE_STATE_INVALID/);
});

test('a version is refused once too few are left to approve it', async () => {
  await scene.publish('1.0.0');
  const refuse = (who = scene.publisher) =>
    scene.submit(who, 'DApps:Refuse', { ...version('1.0.0'), reason: 'no' });
  await refuse(scene.care.insurer);
  await refuse(scene.care.regulator);
  expect(await status('1.0.0')).toBe('submitted');
  await refuse(scene.care.otherHospital);
  expect(await status('1.0.0')).toBe('refused');
});

test('a later version takes the place of the one that runs, and the publisher goes back', async () => {
  await scene.run('1.0.0');
  await scene.run('1.1.0');
  expect([await status('1.0.0'), await status('1.1.0')]).toEqual(['superseded', 'active']);
  const activate = () => scene.submit(scene.care.insurer, 'DApps:Activate', version('1.0.0'));
  await expect(activate()).rejects.toThrow(/^RELEASE_STATE_INVALID/);
  await expect(scene.submit(scene.care.insurer, 'DApps:RollBack', version('1.0.0'))).rejects.toThrow(
    /^PUBLISHER_IMPERSONATED/,
  );
  await scene.submit(scene.publisher, 'DApps:RollBack', version('1.0.0'));
  await activate();
  expect([await status('1.0.0'), await status('1.1.0')]).toEqual(['active', 'superseded']);
});

test('a version that was never approved is none to go back to', async () => {
  await scene.run('1.0.0');
  await scene.publish('1.1.0');
  await expect(scene.submit(scene.publisher, 'DApps:RollBack', version('1.1.0'))).rejects.toThrow(
    /^RELEASE_STATE_INVALID/,
  );
});

test('a regulator stops a DApp alone; others must be as many as approve', async () => {
  await scene.run('1.0.0');
  const revoke = (who = scene.publisher, regulator?: string) =>
    scene.submit(who, 'DApps:Revoke', { dapp: 'diary', reason: 'leaks', regulator });
  await expect(revoke(scene.care.insurer, 'insurer-a').then(({ result }) => result.status)).resolves.toBe(
    'active',
  );
  await expect(revoke(scene.care.insurer)).rejects.toThrow(/^VOTE_EXISTS/);
  await expect(revoke(scene.care.insurer, 'regulator')).rejects.toThrow(/^CALLER_FORBIDDEN/);
  const { result, event } = await revoke(scene.care.regulator, 'regulator');
  expect(event?.name).toBe('DAppRevoked');
  expect(result).toMatchObject({ status: 'revoked', revocation: { reason: 'leaks' } });
  expect(await status('1.0.0')).toBe('revoked');
  await expect(scene.publish('2.0.0')).rejects.toThrow(/^DAPP_REVOKED/);
});

test('as many as approve stop a DApp', async () => {
  await scene.run('1.0.0');
  const events = [];
  for (const who of scene.reviewers.slice(0, 4))
    events.push((await scene.submit(who, 'DApps:Revoke', { dapp: 'diary', reason: 'x' })).event?.name);
  expect(events).toEqual([...Array<string>(3).fill('DAppRevocationProposed'), 'DAppRevoked']);
});

test('the publisher gives notice of an end that is to come', async () => {
  await scene.run('1.0.0');
  const deprecate = (endsAt: string, who = scene.publisher) =>
    scene.submit(who, 'DApps:Deprecate', { dapp: 'diary', reason: 'old', endsAt });
  await expect(deprecate('2020-01-01T00:00:00.000Z')).rejects.toThrow(/^ARGUMENT_INVALID/);
  await expect(deprecate('2027-01-01T00:00:00.000Z', scene.care.insurer)).rejects.toThrow(
    /^PUBLISHER_IMPERSONATED/,
  );
  expect((await deprecate('2027-01-01T00:00:00.000Z')).result.status).toBe('deprecated');
});

test('organisations agree on how many approve', async () => {
  const wanted = { organizations: ['InsurerAMSP', 'RegulatorMSP'], approvals: 1 };
  await expect(
    scene.submit(scene.publisher, 'DApps:ProposePolicy', { ...wanted, approvals: 3 }),
  ).rejects.toThrow(/^POLICY_INVALID/);
  await expect(
    scene.submit(scene.publisher, 'DApps:ProposePolicy', { ...wanted, organizations: ['NobodyMSP'] }),
  ).rejects.toThrow(/^POLICY_INVALID.*NobodyMSP/);
  for (const who of scene.reviewers.slice(0, 4)) await scene.submit(who, 'DApps:ProposePolicy', wanted);
  const { policy, proposals } = await scene.evaluate(scene.care.patient, 'DApps:ReadPolicy', {});
  expect([policy, proposals]).toEqual([wanted, []]);
  await scene.publish('1.0.0');
  await scene.check('1.0.0');
  await scene.approve('1.0.0', [scene.care.insurer]);
  expect(await status('1.0.0')).toBe('approved');
});

test('organisations agree that major versions may break what is used, each with its own words', async () => {
  const { policy: before } = await scene.evaluate(scene.care.patient, 'DApps:ReadPolicy', {});
  expect(before.majorsMayBreak).toBeUndefined();
  const propose = (who: (typeof scene.reviewers)[number], majorsMayBreak?: boolean) =>
    scene.submit(who, 'DApps:ProposePolicy', { ...before, majorsMayBreak });
  const person = await scene.care.bench.enrol('HospitalBMSP');
  await expect(propose(person, true)).rejects.toThrow(/^CALLER_FORBIDDEN/);
  const [first, second, third, fourth, fifth] = scene.reviewers;
  if (!first || !second || !third || !fourth || !fifth) throw new Error('too few review');
  for (const who of [first, second, third]) await propose(who, true);
  // Who thinks again, or wants something else, does not count.
  await propose(third, false);
  const { result, event } = await propose(fourth, true);
  expect([event?.name, result.policy.majorsMayBreak]).toEqual(['DAppReviewPolicyProposed', undefined]);
  const changed = await propose(fifth, true);
  expect(changed.event?.name).toBe('DAppReviewPolicyChanged');
  expect(changed.result).toEqual({ policy: { ...before, majorsMayBreak: true }, proposals: [] });
  // Unsaid is no, whether said or not.
  for (const [who, no] of [[first, false], [second], [third, false], [fourth]] as const)
    await propose(who, no);
  const { policy } = await scene.evaluate(scene.care.patient, 'DApps:ReadPolicy', {});
  expect(policy).toEqual(before);
});
