import { beforeEach, expect, test } from '@jest/globals';
import { type care } from '@medigraph/schema';
import { CareScene, wrappedFor } from './testing/care-scene.js';

let scene: CareScene;
beforeEach(async () => {
  scene = await CareScene.open();
  await scene.record(
    scene.clinical('e1'),
    scene.clinical('e2', { category: 'condition', date: '2025-12-31' }),
    scene.clinical('old', { date: '2024-12-31' }),
    scene.clinical('image', { category: 'imaging' }),
  );
});

const keys = (...entries: string[]) => entries.map((entry) => ({ entry, key: wrappedFor('insurer-a') }));

test('a request is a draft that changes nothing', async () => {
  const { result, event } = await scene.request('c1', { reason: 'underwriting' });
  expect(result).toMatchObject({ id: 'c1', status: 'draft', decision: 'permit', reason: 'underwriting' });
  expect(event).toEqual({ name: 'ConsentRequested', payload: [result] });
  await expect(scene.openAsInsurer('e1')).rejects.toThrow(/^ENTRY_NOT_FOUND/);
});

test('a request is made once, by the grantee’s organisation, about a patient there is', async () => {
  await scene.request('c1');
  await expect(scene.request('c1')).rejects.toThrow(/^CONSENT_EXISTS/);
  await expect(scene.request('c1', { patient: scene.otherPatient.address })).rejects.toThrow(
    /^CONSENT_EXISTS/,
  );
  await expect(scene.request('c2', { grantee: 'insurer-b' })).rejects.toThrow(/^CALLER_FORBIDDEN/);
  await expect(scene.request('c2', { grantee: 'nowhere' })).rejects.toThrow(/^INSTITUTION_NOT_FOUND/);
  await expect(scene.request('c2', { patient: scene.stranger.address })).rejects.toThrow(
    /^PATIENT_NOT_FOUND/,
  );
});

test('granting makes it active and opens what has a key', async () => {
  await scene.request('c1');
  const { result, event } = await scene.grant('c1', 'e1');
  expect(result.status).toBe('active');
  expect(result.decidedAt).toBe(scene.bench.now.toISOString());
  expect(event).toEqual({ name: 'ConsentGranted', payload: [result] });
  await scene.openAsInsurer('e1');
  await expect(scene.openAsInsurer('e2')).rejects.toThrow(/^ENTRY_NOT_FOUND/);
  const { event: none } = await scene.submit(scene.patient, 'Access:AddKeys', {
    consent: 'c1',
    keys: keys('e2'),
  });
  expect(none).toBeUndefined();
  await scene.openAsInsurer('e1', 'e2');
});

test('keys are granted only for covered, authorised entries that there are', async () => {
  await scene.propose(scene.clinical('e3'));
  await scene.request('c1');
  const refusals: [string[], RegExp][] = [
    [['old'], /^CONSENT_NOT_COVERING: consent c1 does not cover entry old/],
    [['e1', 'image'], /^CONSENT_NOT_COVERING: consent c1 does not cover entry image/],
    [['e3'], /^ENTRY_STATE_INVALID: entry e3 is preliminary/],
    [['e9'], /^ENTRY_NOT_FOUND/],
    [['e1', 'e1'], /^ARGUMENT_INVALID: keys.1.entry/],
  ];
  for (const [entries, message] of refusals)
    await expect(scene.grant('c1', ...entries)).rejects.toThrow(message);
  await scene.grant('c1');
  for (const [entries, message] of refusals)
    await expect(
      scene.submit(scene.patient, 'Access:AddKeys', { consent: 'c1', keys: keys(...entries) }),
    ).rejects.toThrow(message);
});

test('a grant may narrow', async () => {
  await scene.request('c1');
  const narrowed = {
    period: { start: '2026-01-01T00:00:00.000Z', end: '2026-01-02T00:00:00.000Z' },
    provision: {
      purpose: ['COVAUTH' as const],
      category: ['observation' as const],
      data: ['e1'],
      dataPeriod: { start: '2025-06-01', end: '2025-06-30' },
    },
  };
  const { result } = await scene.submit(scene.patient, 'Access:Grant', {
    consent: 'c1',
    narrowed,
    keys: keys('e1'),
  });
  expect(result).toMatchObject(narrowed);
  await scene.openAsInsurer('e1');
});

const asked: care.Provision = {
  purpose: ['COVAUTH', 'HPAYMT'],
  resourceType: ['Observation', 'Condition'],
  category: ['observation', 'condition'],
  data: ['e1', 'e2'],
  dataPeriod: { start: '2025-01-01', end: '2025-12-31' },
};
test.each<[string, { period?: object; provision?: care.Provision }]>([
  ['narrowed.period.start', { period: { end: '2026-01-02T00:00:00.000Z' } }],
  [
    'narrowed.period.start',
    { period: { start: '2025-12-31T00:00:00.000Z', end: '2026-01-02T00:00:00.000Z' } },
  ],
  ['narrowed.period.end', { period: { start: '2026-01-01T00:00:00.000Z' } }],
  ['narrowed.period.end', { period: { start: '2026-01-01T00:00:00.000Z', end: '2026-02-01T00:00:00.001Z' } }],
  ['narrowed.provision.purpose.1', { provision: { ...asked, purpose: ['COVAUTH', 'HRESCH'] } }],
  ['narrowed.provision.category', { provision: { ...asked, category: undefined } }],
  ['narrowed.provision.resourceType', { provision: { ...asked, resourceType: undefined } }],
  ['narrowed.provision.resourceType.0', { provision: { ...asked, resourceType: ['ImagingStudy'] } }],
  ['narrowed.provision.category.0', { provision: { ...asked, category: ['imaging'] } }],
  ['narrowed.provision.data', { provision: { ...asked, data: undefined } }],
  ['narrowed.provision.data.0', { provision: { ...asked, data: ['image'] } }],
  ['narrowed.provision.dataPeriod.start', { provision: { ...asked, dataPeriod: undefined } }],
  [
    'narrowed.provision.dataPeriod.end',
    { provision: { ...asked, dataPeriod: { start: '2025-01-01', end: '2026-01-01' } } },
  ],
])('a grant cannot widen: %s', async (path, narrowed) => {
  await scene.request('c1', { provision: asked });
  await expect(
    scene.submit(scene.patient, 'Access:Grant', { consent: 'c1', narrowed, keys: [] }),
  ).rejects.toThrow(`CONSENT_NOT_NARROWER: ${path}: `);
});

test('denying ends a request', async () => {
  await scene.request('c1', { reason: 'asked' });
  const { result, event } = await scene.submit(scene.patient, 'Access:Deny', { consent: 'c1', reason: 'no' });
  expect(result).toMatchObject({ status: 'not-done', decision: 'deny', reason: 'no' });
  expect(event).toEqual({ name: 'ConsentDenied', payload: [result] });
});

test('revoking ends access at once and removes every key', async () => {
  await scene.request('c1');
  await scene.request('c2');
  await scene.grant('c1', 'e1', 'e2');
  await scene.grant('c2', 'e1');
  const { transaction: opening } = await scene.openAsInsurer('e2');
  const { result, event, writes } = await scene.submit(scene.patient, 'Access:Revoke', { consent: 'c1' });
  expect(result.status).toBe('inactive');
  expect(event).toEqual({ name: 'ConsentRevoked', payload: [result] });
  const deleted = [...writes].flatMap(([key, value]) => (value === undefined ? [key] : []));
  expect(deleted.filter((key) => key.startsWith('\0granted-key\0'))).toEqual([
    '\0granted-key\0c1\0e1\0',
    '\0granted-key\0c1\0e2\0',
  ]);
  expect(deleted.filter((key) => key.startsWith('\0key-holder\0'))).toHaveLength(2);

  await expect(scene.openAsInsurer('e2')).rejects.toThrow(/^ENTRY_NOT_FOUND/);
  await expect(
    scene.evaluate(scene.insurer, 'Access:ReadBodies', {
      patient: scene.patient.address,
      entries: ['e2'],
      opening,
    }),
  ).rejects.toThrow(/^ENTRY_NOT_FOUND/);
  expect((await scene.openAsInsurer('e1')).result[0]?.consent).toBe('c2');
});

type Step = 'Grant' | 'Deny' | 'AddKeys' | 'Revoke';
const steps: readonly Step[] = ['Grant', 'Deny', 'AddKeys', 'Revoke'];
const legal: Record<string, readonly Step[]> = {
  draft: ['Grant', 'Deny'],
  active: ['AddKeys', 'Revoke'],
  'not-done': [],
  inactive: [],
};
const reach: Record<string, readonly Step[]> = {
  draft: [],
  active: ['Grant'],
  'not-done': ['Deny'],
  inactive: ['Grant', 'Revoke'],
};
const step = (name: Step, who = scene.patient) => {
  const argument = {
    Grant: { consent: 'c1', keys: [] },
    AddKeys: { consent: 'c1', keys: keys('e1') },
    Deny: { consent: 'c1' },
    Revoke: { consent: 'c1' },
  }[name];
  return scene.bench.submit(who, `Access:${name}`, argument);
};

test.each(Object.keys(legal))('from %s only what its state allows', async (status) => {
  await scene.request('c1');
  for (const name of reach[status] ?? []) await step(name);
  expect((await scene.evaluate(scene.patient, 'Access:ReadConsent', { consent: 'c1' })).status).toBe(status);
  for (const name of steps.filter((one) => !legal[status]?.includes(one)))
    await expect(step(name)).rejects.toThrow(/^CONSENT_STATE_INVALID: consent c1 is /);
});

test('only the patient decides: to anyone else there is no such consent', async () => {
  await scene.request('c1');
  for (const name of steps) {
    await expect(step(name, scene.otherPatient)).rejects.toThrow(/^CONSENT_NOT_FOUND/);
    for (const who of [scene.insurer, scene.hospital, scene.stranger])
      await expect(step(name, who)).rejects.toThrow(/^CALLER_FORBIDDEN/);
  }
});

test('a consent is shown to patient and grantee, and to no one else', async () => {
  const { result } = await scene.request('c1');
  const read = (who: typeof scene.patient, consent = 'c1') =>
    scene.evaluate(who, 'Access:ReadConsent', { consent });
  const list = (who: typeof scene.patient) =>
    scene.evaluate(who, 'Access:ConsentsOf', { patient: scene.patient.address });
  for (const who of [scene.patient, scene.insurer]) {
    expect(await read(who)).toEqual(result);
    expect(await list(who)).toEqual([result]);
  }
  for (const who of [scene.hospital, scene.otherInsurer, scene.otherPatient, scene.stranger]) {
    await expect(read(who)).rejects.toThrow('CONSENT_NOT_FOUND: there is no consent c1');
    await expect(read(who, 'c9')).rejects.toThrow('CONSENT_NOT_FOUND: there is no consent c9');
    expect(await list(who)).toEqual([]);
  }
});
