import { beforeEach, expect, test } from '@jest/globals';
import { type care } from '@medigraph/schema';
import { CareScene } from './testing/care-scene.js';

let scene: CareScene;
beforeEach(async () => {
  scene = await CareScene.open();
  await scene.authorizeStorage();
});

const request = (changes: object = {}) =>
  scene.submit(scene.patient, 'Imports:RequestImport', { id: 'i1', institution: 'hospital-a', ...changes });
const offer = (...entries: string[]) =>
  scene.submit(scene.hospital, 'Imports:AuthorizeImport', {
    patient: scene.patient.address,
    import: 'i1',
    entries,
  });
const authorize = (...entries: string[]) =>
  scene.submit(scene.patient, 'Records:AuthorizeEntries', { entries });
const pick = (...entries: string[]) =>
  scene.submit(scene.patient, 'Imports:PickEntries', { import: 'i1', entries });
const decline = (who: 'patient' | 'hospital', reason?: string) =>
  scene.submit(scene[who], 'Imports:DeclineImport', { patient: scene.patient.address, import: 'i1', reason });

test('a patient asks, the institution shows what it has, the patient takes some of it', async () => {
  const asked = await request({ category: ['observation'], reason: 'I am moving' });
  expect(asked.event?.name).toBe('ImportRequested');
  expect(asked.result).toMatchObject({ status: 'requested', reason: 'I am moving', offered: [], picked: [] });
  await scene.propose(scene.clinical('e1'), scene.clinical('e2'), scene.clinical('e3'));
  expect((await offer('e1')).event?.name).toBe('ImportOffered');
  expect((await offer('e2', 'e3')).result).toMatchObject({ status: 'offered', offered: ['e1', 'e2', 'e3'] });
  await authorize('e1', 'e3');
  const { result, event } = await pick('e1', 'e3');
  expect(result).toMatchObject({ status: 'picked', offered: ['e1', 'e2', 'e3'], picked: ['e1', 'e3'] });
  expect(event).toEqual({ name: 'ImportPicked', payload: [result] });
  const { items } = (await scene.evaluate(scene.patient, 'Records:EntriesOf', {
    patient: scene.patient.address,
    pageSize: 10,
  })) as { items: care.Entry[] };
  expect(items.map(({ id, status }) => [id, status])).toEqual([
    ['e1', 'final'],
    ['e2', 'preliminary'],
    ['e3', 'final'],
  ]);
});

test('only what was asked for, is the institution’s and is still to be authorised is offered', async () => {
  await request({ category: ['observation'], dataPeriod: { start: '2025-06-01' } });
  await scene.propose(
    scene.clinical('fits'),
    scene.clinical('image', { category: 'imaging' }),
    scene.clinical('old', { date: '2025-05-31' }),
    scene.clinical('final'),
  );
  await authorize('final');
  await expect(offer('image')).rejects.toThrow(/^ARGUMENT_INVALID: entries.0: image/);
  await expect(offer('fits', 'old')).rejects.toThrow(/^ARGUMENT_INVALID: entries.1: old/);
  await expect(offer('fits', 'final')).rejects.toThrow(/^ENTRY_IMPORTED: entries.1: the patient .* final/);
  await expect(offer('none')).rejects.toThrow(/^ENTRY_NOT_FOUND/);
  await offer('fits');
  await expect(offer('fits')).rejects.toThrow(/^ENTRY_IMPORTED: entries.0: fits is offered/);
});

test('only what was offered and authorised is picked', async () => {
  await request();
  await scene.propose(scene.clinical('e1'), scene.clinical('e2'));
  await offer('e1');
  await authorize('e2');
  await expect(pick('e1')).rejects.toThrow(/^ENTRY_STATE_INVALID/);
  await expect(pick('e2')).rejects.toThrow(/^ENTRY_NOT_FOUND/);
  await expect(pick()).rejects.toThrow(/^ARGUMENT_INVALID: entries/);
});

test.each(['patient', 'hospital'] as const)('the %s may decline, and then it is over', async (who) => {
  await request({ reason: 'I am moving' });
  const { result, event } = await decline(who, 'nothing there');
  expect(result).toMatchObject({ status: 'declined', reason: 'nothing there' });
  expect(event?.name).toBe('ImportDeclined');
  await scene.propose(scene.clinical('e1'));
  await expect(offer('e1')).rejects.toThrow(/^IMPORT_STATE_INVALID/);
  await expect(decline('patient')).rejects.toThrow(/^IMPORT_STATE_INVALID/);
  await expect(pick('e1')).rejects.toThrow(/^IMPORT_STATE_INVALID/);
  await expect(request()).rejects.toThrow(/^IMPORT_EXISTS/);
});

test('a patient asks only whom they let store', async () => {
  await scene.authorizeStorage(false);
  await expect(request()).rejects.toThrow(/^STORAGE_NOT_AUTHORIZED/);
  await expect(request({ institution: 'nowhere' })).rejects.toThrow(/^INSTITUTION_NOT_FOUND/);
});
