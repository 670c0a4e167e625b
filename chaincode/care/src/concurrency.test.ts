import { beforeEach, expect, test } from '@jest/globals';
import { CareScene, sealed, wrappedFor } from './testing/care-scene.js';

let scene: CareScene;
beforeEach(async () => {
  scene = await CareScene.open();
  await scene.submit(scene.patient, 'Records:AuthorizeStorage', {
    institutions: ['hospital-a', 'hospital-b'],
    active: true,
  });
});

const proposal = (institution: string, ...ids: string[]) => ({
  patient: scene.patient.address,
  institution,
  entries: ids.map((id) => sealed(id, [scene.patient.address, institution])),
});
const keys = [{ entry: 'e1', key: wrappedFor('insurer-a') }];

test('two peers write the same bytes for one proposal', async () => {
  await scene.record(scene.clinical('e1'), scene.clinical('e2'));
  await scene.request('c1');
  await scene.request('c2');
  await scene.grant('c2', 'e1');
  const { patient, hospital, insurer } = scene;
  const calls = [
    [hospital, 'Records:ProposeEntries', proposal('hospital-a', 'e3', 'e4')],
    [patient, 'Access:Grant', { consent: 'c1', keys }],
    [patient, 'Access:Revoke', { consent: 'c2' }],
    [
      insurer,
      'Access:OpenEntries',
      { patient: patient.address, institution: 'insurer-a', purpose: 'COVAUTH', entries: ['e1'] },
    ],
    [hospital, 'Records:RetractEntry', { patient: patient.address, entry: 'e1', reason: 'x' }],
  ] as const;
  const at = { at: new Date('2026-01-03T12:00:00.123Z'), nonce: Buffer.alloc(24, 7) };
  for (const [who, transaction, argument] of calls) {
    const run = () => scene.bench.endorseAt(who, at, transaction, argument);
    const [one, other] = [await run(), await run()];
    expect(one.writes.size).toBeGreaterThan(0);
    expect([...one.writes]).toEqual([...other.writes]);
    expect([one.result, one.event]).toEqual([other.result, other.event]);
  }
});

test('two institutions propose for one patient in one block', async () => {
  const both = await Promise.all([
    scene.endorse(scene.hospital, 'Records:ProposeEntries', proposal('hospital-a', 'e1')),
    scene.endorse(scene.otherHospital, 'Records:ProposeEntries', proposal('hospital-b', 'e2')),
  ]);
  expect(scene.bench.commit(...both)).toEqual(['VALID', 'VALID']);
});

test('two grants for different consents pass in one block', async () => {
  await scene.record(scene.clinical('e1'));
  await scene.request('c1');
  await scene.request('c2');
  const both = await Promise.all(
    ['c1', 'c2'].map((consent) => scene.endorse(scene.patient, 'Access:Grant', { consent, keys })),
  );
  expect(scene.bench.commit(...both)).toEqual(['VALID', 'VALID']);
});

test('openings of one entry by several callers pass in one block', async () => {
  await scene.record(scene.clinical('e1'));
  await scene.request('c1');
  await scene.grant('c1', 'e1');
  const open = (
    who: typeof scene.patient,
    rest: { institution?: string; purpose: 'PATRQT' | 'COVAUTH' | 'TREAT' },
  ) => scene.endorse(who, 'Access:OpenEntries', { patient: scene.patient.address, entries: ['e1'], ...rest });
  const all = await Promise.all([
    open(scene.patient, { purpose: 'PATRQT' }),
    open(scene.hospital, { institution: 'hospital-a', purpose: 'TREAT' }),
    open(scene.insurer, { institution: 'insurer-a', purpose: 'COVAUTH' }),
    open(scene.insurer, { institution: 'insurer-a', purpose: 'COVAUTH' }),
  ]);
  expect(scene.bench.commit(...all)).toEqual(['VALID', 'VALID', 'VALID', 'VALID']);
});

test('of a revocation and an opening in one block, the later one is found invalid', async () => {
  await scene.record(scene.clinical('e1'));
  await scene.request('c1');
  await scene.grant('c1', 'e1');
  const opening = await scene.endorse(scene.insurer, 'Access:OpenEntries', {
    patient: scene.patient.address,
    institution: 'insurer-a',
    purpose: 'COVAUTH',
    entries: ['e1'],
  });
  const added = await scene.endorse(scene.patient, 'Access:AddKeys', { consent: 'c1', keys });
  const revoked = await scene.endorse(scene.patient, 'Access:Revoke', { consent: 'c1' });
  expect(scene.bench.commit(revoked, opening, added)).toEqual([
    'VALID',
    'MVCC_READ_CONFLICT',
    'MVCC_READ_CONFLICT',
  ]);
});

test('the same entry proposed twice in one block is stored once', async () => {
  const twice = await Promise.all(
    [1, 2].map(() => scene.endorse(scene.hospital, 'Records:ProposeEntries', proposal('hospital-a', 'e1'))),
  );
  expect(scene.bench.commit(...twice)).toEqual(['VALID', 'MVCC_READ_CONFLICT']);
});
