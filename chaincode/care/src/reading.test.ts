import { beforeEach, expect, test } from '@jest/globals';
import { care, type PurposeOfUse } from '@medigraph/schema';
import { type BenchIdentity } from '@medigraph/chaincode-lib/testing';
import { CareScene, sealed, wrappedFor } from './testing/care-scene.js';

let scene: CareScene;
beforeEach(async () => {
  scene = await CareScene.open();
  await scene.record(scene.clinical('e1'), scene.clinical('e2'));
});

const open = (who: BenchIdentity, institution: string | undefined, purpose: PurposeOfUse, entries = ['e1']) =>
  scene.submit(who, 'Access:OpenEntries', {
    patient: scene.patient.address,
    entries,
    purpose,
    ...(institution !== undefined && { institution }),
  });
const read = (who: BenchIdentity, opening: string, entries = ['e1']) =>
  scene.evaluate(who, 'Access:ReadBodies', { patient: scene.patient.address, entries, opening });

test('patient and holder open with their own keys; every opening is logged', async () => {
  const byPatient = await open(scene.patient, undefined, 'PATRQT', ['e2', 'e1']);
  expect(byPatient.result.map(({ entry, key }) => [entry.id, key])).toEqual([
    ['e2', wrappedFor(scene.patient.address)],
    ['e1', wrappedFor(scene.patient.address)],
  ]);
  const byHolder = await open(scene.hospital, 'hospital-a', 'TREAT');
  expect(byHolder.result[0]?.key).toBe(wrappedFor('hospital-a'));
  expect(byHolder.event).toMatchObject({
    name: 'EntryOpened',
    payload: [
      { actor: 'hospital-a', mspId: 'HospitalAMSP', signer: scene.hospital.address, purpose: 'TREAT' },
    ],
  });
  const { items } = await scene.evaluate(scene.patient, 'Access:AuditOf', {
    patient: scene.patient.address,
    pageSize: 10,
  });
  expect(new Set(items.map(({ transaction }) => transaction))).toEqual(
    new Set([byPatient.transaction, byHolder.transaction]),
  );
});

test('the patient opens for PATRQT only', async () => {
  await expect(open(scene.patient, undefined, 'TREAT')).rejects.toThrow(/^ARGUMENT_INVALID: purpose/);
});

test('a grantee opens what purpose, category, dates, list, period and key allow', async () => {
  await scene.record(
    scene.clinical('first', { date: '2025-01-01' }),
    scene.clinical('last', { date: '2025-12-31' }),
    scene.clinical('before', { date: '2024-12-31' }),
    scene.clinical('after', { date: '2026-01-01' }),
    scene.clinical('image', { category: 'imaging' }),
    scene.clinical('unlisted'),
    scene.clinical('keyless'),
  );
  await scene.request('c1', {
    provision: {
      purpose: ['COVAUTH'],
      category: ['observation'],
      dataPeriod: { start: '2025-01-01', end: '2025-12-31' },
      data: ['first', 'last', 'before', 'after', 'image', 'keyless'],
    },
  });
  await scene.grant('c1', 'first', 'last');
  const { result } = await scene.openAsInsurer('first', 'last');
  expect(result.map(({ entry, consent }) => [entry.id, consent])).toEqual([
    ['first', 'c1'],
    ['last', 'c1'],
  ]);
  for (const id of ['before', 'after', 'image', 'unlisted', 'keyless', 'absent'])
    await expect(scene.openAsInsurer('first', id)).rejects.toThrow(
      `ENTRY_NOT_FOUND: there is no entry ${id} that you may see`,
    );
  await expect(open(scene.insurer, 'insurer-a', 'HPAYMT', ['first'])).rejects.toThrow(/^ENTRY_NOT_FOUND/);
});

test('a consent counts from its start to before its end', async () => {
  const day = 86_400_000;
  const start = new Date(scene.bench.now.getTime() + day).toISOString();
  const end = new Date(scene.bench.now.getTime() + 2 * day).toISOString();
  await scene.request('c1', { period: { start, end } });
  await scene.grant('c1', 'e1');
  await expect(scene.openAsInsurer('e1')).rejects.toThrow(/^ENTRY_NOT_FOUND/);
  scene.bench.advance(Date.parse(start) - scene.bench.now.getTime() - 1);
  await scene.openAsInsurer('e1');
  scene.bench.advance(Date.parse(end) - scene.bench.now.getTime() - 1);
  await expect(scene.openAsInsurer('e1')).rejects.toThrow(/^ENTRY_NOT_FOUND/);
});

test('to anyone else an entry is not there, in the words for one that is not', async () => {
  const said = async (who: BenchIdentity, institution: string | undefined, id: string) =>
    open(who, institution, institution === undefined ? 'PATRQT' : 'TREAT', [id]).then(
      String,
      (error: unknown) => String(error).replace(id, 'X'),
    );
  const outsiders: [BenchIdentity, string | undefined][] = [
    [scene.otherHospital, 'hospital-b'],
    [scene.insurer, 'insurer-a'],
    [scene.otherPatient, undefined],
    [scene.stranger, undefined],
    [scene.hospital, undefined],
  ];
  for (const [who, institution] of outsiders) {
    expect(await said(who, institution, 'e1')).toContain('ENTRY_NOT_FOUND: there is no entry X');
    expect(await said(who, institution, 'e1')).toBe(await said(who, institution, 'absent'));
  }
  await expect(open(scene.otherHospital, 'hospital-a', 'TREAT')).rejects.toThrow(/^CALLER_FORBIDDEN/);
});

test('bodies are read by who opened them, those only, and for five minutes', async () => {
  const { transaction } = await open(scene.hospital, 'hospital-a', 'TREAT');
  expect(await read(scene.hospital, transaction)).toEqual([{ entry: 'e1', body: scene.clinical('e1').body }]);
  await expect(read(scene.hospital, transaction, ['e1', 'e2'])).rejects.toThrow(
    /^OPENING_NOT_FOUND: .* did not open entry e2/,
  );
  await expect(read(scene.hospital, '0'.repeat(64))).rejects.toThrow(/^OPENING_NOT_FOUND/);
  const colleague = await scene.bench.enrol('HospitalAMSP', 'colleague');
  for (const who of [colleague, scene.patient, scene.insurer])
    await expect(read(who, transaction)).rejects.toThrow(/^OPENING_NOT_FOUND: there is no opening/);
  scene.bench.advance(care.openingLifetimeSeconds * 1000 - 100);
  await read(scene.hospital, transaction);
  scene.bench.advance(100);
  await expect(read(scene.hospital, transaction)).rejects.toThrow(/^OPENING_EXPIRED/);
});

test('the patient reads bodies, also of an entry that its holder retracted', async () => {
  await scene.submit(scene.hospital, 'Records:RetractEntry', {
    patient: scene.patient.address,
    entry: 'e1',
    reason: 'error',
  });
  const { transaction } = await open(scene.patient, undefined, 'PATRQT');
  expect(await read(scene.patient, transaction)).toHaveLength(1);
});

test('listing pages through everything the reader may see, and nothing else', async () => {
  await scene.record(
    ...Array.from({ length: 7 }, (_, n) => scene.clinical(`n${n}`, { category: 'condition' })),
  );
  await scene.propose(scene.clinical('proposed'));
  await scene.submit(scene.patient, 'Records:AddPersonalEntries', {
    entries: [sealed('own', [scene.patient.address])],
  });
  await scene.request('c1', { provision: { purpose: ['COVAUTH'], category: ['observation'] } });
  await scene.grant('c1');
  const list = async (who: BenchIdentity, institution?: string) => {
    const ids: string[] = [];
    let bookmark: string | undefined;
    let pages = 0;
    do {
      const page = await scene.evaluate(who, 'Records:EntriesOf', {
        patient: scene.patient.address,
        pageSize: 2,
        ...(institution !== undefined && { institution }),
        ...(bookmark !== undefined && { bookmark }),
      });
      expect(page.items.length).toBeLessThanOrEqual(2);
      ids.push(...page.items.map(({ id }) => id));
      bookmark = page.bookmark;
      pages += 1;
    } while (bookmark !== undefined);
    return { ids, pages };
  };
  const conditions = Array.from({ length: 7 }, (_, n) => `n${n}`);
  const clinical = ['e1', 'e2', ...conditions];
  expect(await list(scene.patient)).toEqual({ ids: [...clinical, 'own', 'proposed'], pages: 6 });
  expect(await list(scene.hospital, 'hospital-a')).toEqual({ ids: [...clinical, 'proposed'], pages: 6 });
  expect(await list(scene.insurer, 'insurer-a')).toEqual({ ids: ['e1', 'e2', 'own'], pages: 6 });
  expect((await list(scene.otherInsurer, 'insurer-b')).ids).toEqual([]);
  expect((await list(scene.otherPatient)).ids).toEqual([]);
});

test('a bookmark cannot lead out of the patient’s entries', async () => {
  const list = (bookmark: string) =>
    scene.evaluate(scene.otherPatient, 'Records:EntriesOf', {
      patient: scene.otherPatient.address,
      pageSize: 100,
      bookmark,
    });
  for (const bookmark of [`\0body\0`, `\0entry\0${scene.patient.address}\0e1\0`])
    await expect(list(bookmark)).rejects.toThrow(/^ARGUMENT_INVALID: bookmark/);
  expect(await list('0')).toEqual({ items: [] });
});

test('the audit is the patient’s alone, in pages', async () => {
  await open(scene.hospital, 'hospital-a', 'TREAT');
  await open(scene.hospital, 'hospital-a', 'HPAYMT');
  const audit = (who: BenchIdentity, bookmark?: string) =>
    scene.evaluate(who, 'Access:AuditOf', {
      patient: scene.patient.address,
      pageSize: 1,
      ...(bookmark !== undefined && { bookmark }),
    });
  const first = await audit(scene.patient);
  const second = await audit(scene.patient, first.bookmark);
  expect([...first.items, ...second.items].map(({ purpose }) => purpose).sort()).toEqual(['HPAYMT', 'TREAT']);
  expect(second.bookmark).toBeUndefined();
  for (const who of [scene.hospital, scene.otherPatient, scene.stranger])
    expect(await audit(who)).toEqual({ items: [] });
});

test('a program of an institution opens what names it, and nothing else of the institution', async () => {
  const attributes = { 'medigraph.application': 'diary' };
  const [ofHolder, ofInsurer] = await Promise.all([
    scene.bench.enrol('HospitalAMSP', 'diary', { attributes }),
    scene.bench.enrol('InsurerAMSP', 'diary', { attributes }),
  ]);
  await open(scene.hospital, 'hospital-a', 'TREAT');
  await expect(open(ofHolder, 'hospital-a', 'TREAT')).rejects.toThrow(/^ENTRY_NOT_FOUND/);
  await scene.request('whole', { provision: { purpose: ['COVAUTH'] } });
  await scene.grant('whole', 'e1');
  await open(scene.insurer, 'insurer-a', 'COVAUTH');
  await expect(open(ofInsurer, 'insurer-a', 'COVAUTH')).rejects.toThrow(/^ENTRY_NOT_FOUND/);
  await scene.request('own', {
    provision: { purpose: ['COVAUTH'], actor: { kind: 'application', id: 'diary' } },
  });
  await scene.grant('own', 'e1');
  const { result } = await open(ofInsurer, 'insurer-a', 'COVAUTH');
  expect(result).toMatchObject([{ consent: 'own' }]);
});
