import { beforeEach, expect, test } from '@jest/globals';
import { CareScene, sealed, wrappedFor } from './testing/care-scene.js';

let scene: CareScene;
beforeEach(async () => {
  scene = await CareScene.open();
});

test('an institution stores once the patient lets it, and no longer when the patient stops it', async () => {
  await expect(scene.propose(scene.clinical('e1'))).rejects.toThrow(/^STORAGE_NOT_AUTHORIZED/);
  const { result, event } = await scene.submit(scene.patient, 'Records:AuthorizeStorage', {
    institutions: ['hospital-a', 'hospital-b'],
    active: true,
  });
  expect(result).toHaveLength(2);
  expect(event).toEqual({ name: 'StorageAuthorized', payload: result });
  await scene.propose(scene.clinical('e1'));
  await scene.authorizeStorage(false);
  await expect(scene.propose(scene.clinical('e2'))).rejects.toThrow(/^STORAGE_NOT_AUTHORIZED/);
});

test('storage can only be authorised for institutions that there are', async () => {
  const authorize = (...institutions: string[]) =>
    scene.submit(scene.patient, 'Records:AuthorizeStorage', { institutions, active: true });
  await expect(authorize('nowhere')).rejects.toThrow(/^INSTITUTION_NOT_FOUND/);
  await expect(authorize('hospital-a', 'hospital-a')).rejects.toThrow(/^ARGUMENT_INVALID: institutions.1/);
});

test('storage is authorised for holders of records alone', async () => {
  const authorize = (active: boolean) =>
    scene.submit(scene.patient, 'Records:AuthorizeStorage', { institutions: ['insurer-a'], active });
  await expect(authorize(true)).rejects.toThrow(/^ARGUMENT_INVALID: institutions.0: insurer-a/);
  await expect(authorize(false)).resolves.toMatchObject({ result: [{ active: false }] });
});

test('a proposed entry is preliminary; the patient makes it final', async () => {
  await scene.authorizeStorage();
  const proposed = await scene.propose(scene.clinical('e1'), scene.clinical('e2'));
  expect(proposed.result).toMatchObject([
    { id: 'e1', status: 'preliminary', class: 'clinical', institution: 'hospital-a' },
    { id: 'e2' },
  ]);
  expect(proposed.event).toEqual({ name: 'EntryProposed', payload: proposed.result });
  const { result, event } = await scene.submit(scene.patient, 'Records:AuthorizeEntries', {
    entries: ['e1'],
  });
  expect(result).toEqual([{ ...proposed.result[0], status: 'final' }]);
  expect(event).toEqual({ name: 'EntryAuthorized', payload: result });
  await expect(scene.submit(scene.patient, 'Records:AuthorizeEntries', { entries: ['e1'] })).rejects.toThrow(
    'ENTRY_STATE_INVALID: entry e1 is final, not preliminary',
  );
  await expect(scene.submit(scene.patient, 'Records:AuthorizeEntries', { entries: ['e3'] })).rejects.toThrow(
    /^ENTRY_NOT_FOUND/,
  );
});

test('the index of an entry never drags its ciphertext', async () => {
  await scene.authorizeStorage();
  const entry = scene.clinical('e1');
  const { writes } = await scene.propose(entry);
  const holding = [...writes].filter(([, value]) => Buffer.from(value ?? []).includes(entry.body));
  expect(holding.map(([key]) => key)).toEqual([`\0body\0${scene.patient.address}\0e1\0`]);
  expect(writes.size).toBe(3);
});

test('what is proposed must be new, whole and meant for patient and holder', async () => {
  await scene.authorizeStorage();
  await scene.propose(scene.clinical('e1'));
  const { patient } = scene;
  const refusals: [Parameters<typeof scene.propose>, RegExp][] = [
    [[scene.clinical('e1')], /^ENTRY_EXISTS: entry e1/],
    [[scene.clinical('e2'), scene.clinical('e2')], /^ARGUMENT_INVALID: entries.1.id: e2 appears twice/],
    [
      [scene.clinical('e2'), scene.clinical('e3', { sha256: '0'.repeat(64) })],
      /^ARGUMENT_INVALID: entries.1.sha256: is not the SHA-256 digest of the body/,
    ],
    [[sealed('e2', [patient.address])], /^KEY_MISSING: entries.0.keys: holds no key for hospital-a/],
    [[sealed('e2', ['hospital-a'])], /^KEY_MISSING: entries.0.keys/],
    [
      [sealed('e2', [patient.address, 'hospital-a', 'insurer-a'])],
      /^ARGUMENT_INVALID: entries.0.keys.insurer-a/,
    ],
    [[scene.clinical('e2', { date: '2025-02-30' })], /^ARGUMENT_INVALID: entries.0.date/],
    [[scene.clinical('e2', { body: 'plain' })], /^ARGUMENT_INVALID: entries.0.body/],
    [[], /^ARGUMENT_INVALID: entries/],
  ];
  for (const [entries, message] of refusals) await expect(scene.propose(...entries)).rejects.toThrow(message);
});

test('only a hospital or research institution of the caller proposes, about a patient there is', async () => {
  const propose = (who: typeof scene.hospital, institution: string, patient = scene.patient.address) =>
    scene.submit(who, 'Records:ProposeEntries', {
      patient,
      institution,
      entries: [sealed('e1', [patient, institution])],
    });
  await expect(propose(scene.otherHospital, 'hospital-a')).rejects.toThrow(/^CALLER_FORBIDDEN/);
  await expect(propose(scene.insurer, 'insurer-a')).rejects.toThrow(/^CALLER_FORBIDDEN: .* no holder/);
  await expect(propose(scene.hospital, 'nowhere')).rejects.toThrow(/^INSTITUTION_NOT_FOUND/);
  await expect(propose(scene.hospital, 'hospital-a', scene.stranger.address)).rejects.toThrow(
    /^PATIENT_NOT_FOUND/,
  );
});

test('an institution named like a property of every object still needs its key', async () => {
  const encryption = { kty: 'EC', crv: 'P-256', x: 'x'.repeat(43), y: 'y'.repeat(43), kid: 'k1' } as const;
  await scene.submit(scene.hospital, 'Registration:RegisterInstitutions', {
    institutions: [{ id: 'constructor', kind: 'hospital', name: 'Odd', encryptionKey: encryption }],
  });
  await scene.submit(scene.patient, 'Records:AuthorizeStorage', {
    institutions: ['constructor'],
    active: true,
  });
  await expect(
    scene.submit(scene.hospital, 'Records:ProposeEntries', {
      patient: scene.patient.address,
      institution: 'constructor',
      entries: [sealed('e1', [scene.patient.address])],
    }),
  ).rejects.toThrow(/^KEY_MISSING/);
});

test('a personal entry is final at once', async () => {
  const { patient } = scene;
  const entry = sealed('p1', [patient.address]);
  const { result, event } = await scene.submit(patient, 'Records:AddPersonalEntries', { entries: [entry] });
  expect(result).toMatchObject([
    { id: 'p1', class: 'personal', status: 'final', institution: patient.address },
  ]);
  expect(event).toEqual({ name: 'EntryAuthorized', payload: result });
  await expect(
    scene.submit(patient, 'Records:AddPersonalEntries', { entries: [sealed('p2', ['hospital-a'])] }),
  ).rejects.toThrow(/^KEY_MISSING/);
});

test('authorising grants keys under active consents that cover, and only those', async () => {
  await scene.authorizeStorage();
  await scene.propose(scene.clinical('e1'), scene.clinical('e2', { category: 'imaging' }));
  await scene.request('c1');
  const authorize = (entry: string, consent: string, entries = [entry]) =>
    scene.submit(scene.patient, 'Records:AuthorizeEntries', {
      entries,
      keys: [{ entry, consent, key: wrappedFor('insurer-a') }],
    });
  await expect(authorize('e1', 'c1')).rejects.toThrow(/^CONSENT_STATE_INVALID/);
  await scene.grant('c1');
  await expect(authorize('e1', 'c9')).rejects.toThrow(/^CONSENT_NOT_FOUND/);
  await expect(authorize('e2', 'c1')).rejects.toThrow(/^CONSENT_NOT_COVERING/);
  await expect(authorize('e1', 'c1', ['e2'])).rejects.toThrow(/^ARGUMENT_INVALID: keys.0.entry/);
  await authorize('e1', 'c1');
  const { result } = await scene.openAsInsurer('e1');
  expect(result).toMatchObject([{ key: wrappedFor('insurer-a'), consent: 'c1' }]);
});

test('a retracted entry is closed to grantees, and its granted keys are gone', async () => {
  await scene.record(scene.clinical('e1'));
  await scene.request('c1');
  await scene.grant('c1', 'e1');
  const { transaction: opening } = await scene.openAsInsurer('e1');
  const argument = { patient: scene.patient.address, entry: 'e1', reason: 'wrong person' };
  const { result, event, writes } = await scene.submit(scene.hospital, 'Records:RetractEntry', argument);
  expect(result.status).toBe('entered-in-error');
  expect(event).toEqual({ name: 'EntryRetracted', payload: [result] });
  expect(writes.get('\0granted-key\0c1\0e1\0')).toBeUndefined();
  expect(writes.has('\0granted-key\0c1\0e1\0')).toBe(true);

  await expect(scene.openAsInsurer('e1')).rejects.toThrow(/^ENTRY_NOT_FOUND/);
  await expect(
    scene.evaluate(scene.insurer, 'Access:ReadBodies', {
      patient: scene.patient.address,
      entries: ['e1'],
      opening,
    }),
  ).rejects.toThrow(/^ENTRY_NOT_FOUND/);
  await expect(scene.submit(scene.hospital, 'Records:RetractEntry', argument)).rejects.toThrow(
    'ENTRY_STATE_INVALID: entry e1 is retracted',
  );
});

test('a patient retracts a personal entry, a hospital cannot; nor the patient a clinical one', async () => {
  const { patient, hospital } = scene;
  await scene.record(scene.clinical('e1'));
  await scene.submit(patient, 'Records:AddPersonalEntries', { entries: [sealed('p1', [patient.address])] });
  const retract = (who: typeof patient, entry: string) =>
    scene.submit(who, 'Records:RetractEntry', { patient: patient.address, entry, reason: 'error' });
  await expect(retract(hospital, 'p1')).rejects.toThrow(/^ENTRY_NOT_FOUND/);
  await expect(retract(patient, 'e1')).rejects.toThrow(/^CALLER_FORBIDDEN/);
  expect((await retract(patient, 'p1')).result.status).toBe('entered-in-error');
});

test('an entry is verified against the stored body by those who may know of it', async () => {
  const entry = scene.clinical('e1');
  await scene.record(entry);
  await scene.request('c1');
  await scene.grant('c1', 'e1');
  const verify = (who: typeof scene.patient, sha256: string, id = 'e1') =>
    scene.evaluate(who, 'Records:VerifyEntry', { patient: scene.patient.address, entry: id, sha256 });
  for (const who of [scene.patient, scene.hospital, scene.insurer])
    expect(await verify(who, entry.sha256)).toEqual({
      verified: true,
      sha256: entry.sha256,
      status: 'final',
    });
  expect(await verify(scene.patient, '0'.repeat(64))).toMatchObject({ verified: false });
  const refusals = await Promise.all(
    [scene.otherHospital, scene.otherInsurer, scene.otherPatient].map((who) =>
      verify(who, entry.sha256).then(String, String),
    ),
  );
  const absent = await verify(scene.otherHospital, entry.sha256, 'e9').then(String, String);
  expect(new Set(refusals.map((text) => text.replace('e1', 'e9')))).toEqual(new Set([absent]));
  expect(absent).toContain('ENTRY_NOT_FOUND');
});

test('history tells every state of an entry, oldest first', async () => {
  await scene.record(scene.clinical('e1'));
  await scene.submit(scene.hospital, 'Records:RetractEntry', {
    patient: scene.patient.address,
    entry: 'e1',
    reason: 'wrong',
  });
  const asked = { patient: scene.patient.address, entry: 'e1' };
  const history = await scene.evaluate(scene.patient, 'Records:HistoryOf', asked);
  expect(history.map(({ entry }) => entry.status)).toEqual(['preliminary', 'final', 'entered-in-error']);
  expect([...history].sort((a, b) => a.at.localeCompare(b.at))).toEqual(history);
  expect(
    await scene.evaluate(scene.hospital, 'Records:HistoryOf', { ...asked, institution: 'hospital-a' }),
  ).toEqual(history);
  for (const institution of [undefined, 'hospital-b'])
    await expect(
      scene.evaluate(scene.otherHospital, 'Records:HistoryOf', { ...asked, institution }),
    ).rejects.toThrow(/^ENTRY_NOT_FOUND/);
  await expect(
    scene.evaluate(scene.otherHospital, 'Records:HistoryOf', { ...asked, institution: 'hospital-a' }),
  ).rejects.toThrow(/^CALLER_FORBIDDEN/);
});
