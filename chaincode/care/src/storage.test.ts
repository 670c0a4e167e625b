import { beforeEach, describe, expect, test } from '@jest/globals';
import { type BenchIdentity } from '@medigraph/chaincode-lib/testing';
import { CareScene, sealed, wrappedFor } from './testing/care-scene.js';

let scene: CareScene;
let patient: string;
beforeEach(async () => {
  scene = await CareScene.open();
  patient = scene.patient.address;
  await scene.submit(scene.patient, 'Records:AuthorizeStorage', {
    institutions: ['hospital-a'],
    active: true,
  });
});

const refused = (code: string) => `${code}: `;

const open = (who: typeof scene.patient, institution?: string) =>
  scene.submit(who, 'Access:OpenEntries', {
    patient,
    entries: ['e1'],
    purpose: institution === 'insurer-a' ? 'COVAUTH' : institution === undefined ? 'PATRQT' : 'TREAT',
    ...(institution !== undefined && { institution }),
  });

describe('erasing', () => {
  beforeEach(async () => {
    await scene.record(scene.clinical('e1'));
    await scene.request('c1');
    await scene.grant('c1', 'e1');
  });

  test('by the patient leaves no key, no body and no entry, for anyone; that it was is what stays', async () => {
    const { result, event } = await scene.submit(scene.patient, 'Records:EraseEntry', {
      patient,
      entry: 'e1',
    });
    expect(result).toMatchObject({ entry: 'e1', patient, institution: 'hospital-a', erasedBy: patient });
    expect(event?.name).toBe('EntryErased');
    const kept = scene.keysOf('e1');
    expect(kept.map((key) => key.split('/')[1]).sort()).toEqual(['erasure']);
    for (const [who, institution] of [
      [scene.patient, undefined],
      [scene.hospital, 'hospital-a'],
      [scene.insurer, 'insurer-a'],
    ] as const)
      await expect(open(who, institution)).rejects.toThrow(refused('ENTRY_NOT_FOUND'));
    await expect(
      scene.evaluate(scene.patient, 'Records:HistoryOf', { patient, entry: 'e1' }),
    ).rejects.toThrow(refused('ENTRY_NOT_FOUND'));
    await expect(scene.submit(scene.patient, 'Records:EraseEntry', { patient, entry: 'e1' })).rejects.toThrow(
      refused('ENTRY_NOT_FOUND'),
    );
  });

  test('closes an opening that was made before', async () => {
    const { transaction } = await scene.openAsInsurer('e1');
    await scene.submit(scene.patient, 'Records:EraseEntry', { patient, entry: 'e1' });
    await expect(
      scene.evaluate(scene.insurer, 'Access:ReadBodies', { patient, entries: ['e1'], opening: transaction }),
    ).rejects.toThrow(refused('ENTRY_NOT_FOUND'));
  });

  test('an id that was erased names nothing else', async () => {
    await scene.submit(scene.patient, 'Records:EraseEntry', { patient, entry: 'e1' });
    await expect(scene.propose(scene.clinical('e1'))).rejects.toThrow(refused('ENTRY_EXISTS'));
    await expect(scene.submit(scene.hospital, 'Records:BeginEntry', scene.large('e1'))).rejects.toThrow(
      refused('ENTRY_EXISTS'),
    );
  });

  test('by the holder is for what was not authorised or was taken back', async () => {
    await scene.propose(scene.clinical('proposed'));
    await scene.submit(scene.hospital, 'Records:EraseEntry', { patient, entry: 'proposed' });
    const erase = () => scene.submit(scene.hospital, 'Records:EraseEntry', { patient, entry: 'e1' });
    await expect(erase()).rejects.toThrow(refused('ENTRY_STATE_INVALID'));
    await scene.submit(scene.hospital, 'Records:RetractEntry', { patient, entry: 'e1', reason: 'x' });
    expect((await erase()).result).toMatchObject({ erasedBy: 'hospital-a' });
  });

  test('and a key that is added at the same time: one of the two is found invalid', async () => {
    const keys = [{ entry: 'e1', key: wrappedFor('insurer-a') }];
    const both = await Promise.all([
      scene.endorse(scene.patient, 'Records:EraseEntry', { patient, entry: 'e1' }),
      scene.endorse(scene.patient, 'Access:AddKeys', { consent: 'c1', keys }),
    ]);
    expect(scene.bench.commit(...both)).toEqual(['VALID', 'MVCC_READ_CONFLICT']);
    expect(scene.keysOf('e1').map((key) => key.split('/')[1])).toEqual(['erasure']);
  });
});

describe('keys for whoever is granted, among grants and revocations at the same time', () => {
  const covering = (id: string) => [{ entry: 'e1', consent: id, key: wrappedFor('insurer-a') }];
  const granted = async () => (await scene.evaluate(scene.patient, 'Records:GrantsOf', { patient })).granted;

  test('what was wrapped before a grant is refused after it', async () => {
    await scene.propose(scene.clinical('e1'));
    await scene.request('c1');
    const before = await granted();
    expect(before).toBe('none');
    await scene.grant('c1');
    const authorize = (mark: string, keys: ReturnType<typeof covering>) =>
      scene.submit(scene.patient, 'Records:AuthorizeEntries', { entries: ['e1'], keys, granted: mark });
    await expect(authorize(before, [])).rejects.toThrow(refused('GRANTS_CHANGED'));
    await authorize(await granted(), covering('c1'));
    await open(scene.insurer, 'insurer-a');
  });

  test.each(['Records:AuthorizeEntries', 'Records:AddPersonalEntries'] as const)(
    'a grant that comes into the same block before %s makes it invalid, and one after it does not',
    async (transaction) => {
      await scene.propose(scene.clinical('e1'));
      await scene.request('c1');
      const mark = await granted();
      const argument =
        transaction === 'Records:AuthorizeEntries'
          ? { entries: ['e1'], granted: mark }
          : { entries: [sealed('own', [patient])], granted: mark };
      const [writing, granting] = await Promise.all([
        scene.endorse(scene.patient, transaction, argument),
        scene.endorse(scene.patient, 'Access:Grant', { consent: 'c1', keys: [] }),
      ]);
      expect(scene.bench.commit(granting, writing)).toEqual(['VALID', 'MVCC_READ_CONFLICT']);
    },
  );

  /** Every order in which two grants, a revocation and an authorisation that were endorsed together may be committed. */
  const names = ['grant c2', 'grant c3', 'revoke c1', 'authorize'] as const;
  const orders = names.flatMap((a) =>
    names.flatMap((b) =>
      names.flatMap((c) =>
        names.flatMap((d) => (new Set([a, b, c, d]).size === 4 ? [[a, b, c, d] as const] : [])),
      ),
    ),
  );

  test.each(orders)('%s, %s, %s, %s', async (...order) => {
    await scene.record(scene.clinical('e0'));
    await scene.propose(scene.clinical('e1'));
    for (const consent of ['c1', 'c2', 'c3']) await scene.request(consent);
    await scene.grant('c1', 'e0');
    const run = {
      'grant c2': () => scene.endorse(scene.patient, 'Access:Grant', { consent: 'c2', keys: [] }),
      'grant c3': () => scene.endorse(scene.patient, 'Access:Grant', { consent: 'c3', keys: [] }),
      'revoke c1': () => scene.endorse(scene.patient, 'Access:Revoke', { consent: 'c1' }),
      authorize: async () =>
        scene.endorse(scene.patient, 'Records:AuthorizeEntries', {
          entries: ['e1'],
          granted: await granted(),
          keys: (await standing()).flatMap((consent) => covering(consent)),
        }),
    };
    const standing = async () =>
      (await scene.evaluate(scene.patient, 'Access:ConsentsOf', { patient }))
        .filter(({ status }) => status === 'active')
        .map(({ id }) => id);
    // As clients do it: endorsed together, committed in that order, and what was found invalid is done again.
    const endorsed = new Map(
      await Promise.all(names.map(async (name) => [name, await run[name]()] as const)),
    );
    const codes = scene.bench.commit(...order.flatMap((name) => endorsed.get(name) ?? []));
    for (const [index, code] of codes.entries()) {
      const name = order[index];
      if (code !== 'VALID' && name) expect(scene.bench.commit(await run[name]())).toEqual(['VALID']);
    }
    // A grant's client lists entries again once it is committed, and adds the keys that are missing.
    for (const consent of await standing())
      await scene.submit(scene.patient, 'Access:AddKeys', {
        consent,
        keys: [{ entry: 'e1', key: wrappedFor('insurer-a') }],
      });
    const holders = scene
      .keysOf('e1')
      .map((key) => key.split('/'))
      .flatMap(([, kind, consent]) => (kind === 'granted-key' ? [consent] : []));
    expect(holders.sort()).toEqual(['c2', 'c3']);
    expect(scene.keysOf('c1').filter((key) => /granted-key|key-holder/.test(key))).toEqual([]);
  });
});

describe('wrapping anew', () => {
  const own = (key: string, rest: object = {}) => ({ keys: [{ patient, entry: 'e1', key, ...rest }] });

  test('replaces the patient’s key, and nobody else’s', async () => {
    await scene.record(scene.clinical('e1'));
    const key = wrappedFor('another key of the patient');
    const once = await scene.submit(scene.patient, 'Records:RewrapKeys', own(key));
    expect(once.result).toEqual({ owner: patient, keys: 1 });
    expect(once.event).toEqual({ name: 'KeysRewrapped', payload: [once.result] });
    await scene.submit(scene.patient, 'Records:RewrapKeys', own(key));
    expect((await open(scene.patient)).result[0]?.key).toBe(key);
    expect((await open(scene.hospital, 'hospital-a')).result[0]?.key).toBe(wrappedFor('hospital-a'));
    expect(await scene.evaluate(scene.patient, 'Records:KeysOf', { patient, pageSize: 10 })).toEqual({
      items: [{ entry: 'e1', key }],
    });
  });

  test('is begun by asking for one’s keys, held and granted, page by page', async () => {
    for (const id of ['e1', 'e2', 'e3']) await scene.record(scene.clinical(id));
    await scene.request('c1');
    await scene.grant('c1', 'e1', 'e3');
    const keysOf = (who: BenchIdentity, institution?: string, bookmark?: string) =>
      scene.evaluate(who, 'Records:KeysOf', { patient, institution, pageSize: 2, bookmark });
    const first = await keysOf(scene.insurer, 'insurer-a');
    expect(first.items).toEqual([{ entry: 'e1', consent: 'c1', key: wrappedFor('insurer-a') }]);
    const second = await keysOf(scene.insurer, 'insurer-a', first.bookmark);
    expect(second).toEqual({ items: [{ entry: 'e3', consent: 'c1', key: wrappedFor('insurer-a') }] });
    expect((await keysOf(scene.hospital, 'hospital-a')).items).toEqual(
      ['e1', 'e2'].map((entry) => ({ entry, key: wrappedFor('hospital-a') })),
    );
    expect((await keysOf(scene.otherPatient)).items).toEqual([]);
    await expect(keysOf(scene.otherInsurer, 'insurer-a')).rejects.toThrow(refused('CALLER_FORBIDDEN'));
    await scene.submit(scene.patient, 'Access:Revoke', { consent: 'c1' });
    expect((await keysOf(scene.insurer, 'insurer-a')).items).toEqual([]);
  });

  test('replaces a key that a consent granted, for its grantee alone', async () => {
    await scene.record(scene.clinical('e1'));
    await scene.request('c1');
    await scene.grant('c1', 'e1');
    const key = wrappedFor('another key of the insurer');
    const granted = { institution: 'insurer-a', ...own(key, { consent: 'c1' }) };
    await scene.submit(scene.insurer, 'Records:RewrapKeys', granted);
    expect((await open(scene.insurer, 'insurer-a')).result[0]?.key).toBe(key);
    for (const [who, argument] of [
      [scene.otherInsurer, { ...granted, institution: 'insurer-b' }],
      [scene.insurer, { institution: 'insurer-a', ...own(key) }],
      [scene.otherPatient, own(key)],
      [scene.patient, own(key, { consent: 'c1' })],
    ] as const)
      await expect(scene.submit(who, 'Records:RewrapKeys', argument)).rejects.toThrow(
        refused('ENTRY_NOT_FOUND'),
      );
  });

  test('gives nothing back that was revoked meanwhile', async () => {
    await scene.record(scene.clinical('e1'));
    await scene.request('c1');
    await scene.grant('c1', 'e1');
    const rewrap = await scene.endorse(scene.insurer, 'Records:RewrapKeys', {
      institution: 'insurer-a',
      ...own(wrappedFor('x'), { consent: 'c1' }),
    });
    const revoke = await scene.endorse(scene.patient, 'Access:Revoke', { consent: 'c1' });
    expect(scene.bench.commit(revoke, rewrap)).toEqual(['VALID', 'MVCC_READ_CONFLICT']);
  });
});

describe('an entry in parts', () => {
  const parts = ['e30..aXY.', 'Yg', '.dGFn'];
  const append = (part: number, body = parts[part] ?? '') =>
    scene.submit(scene.hospital, 'Records:AppendBody', { patient, entry: 'big', part, body });
  const complete = () => scene.submit(scene.hospital, 'Records:CompleteEntry', { patient, entry: 'big' });

  beforeEach(() => scene.submit(scene.hospital, 'Records:BeginEntry', scene.large('big', parts)));

  test('is there for nobody before it is complete, and then as any other', async () => {
    await append(1);
    await append(0);
    await append(0);
    await expect(complete()).rejects.toThrow(refused('DRAFT_INCOMPLETE'));
    for (const who of [scene.hospital, scene.patient])
      await expect(
        scene.evaluate(who, 'Records:VerifyEntry', { patient, entry: 'big', sha256: '0'.repeat(64) }),
      ).rejects.toThrow(refused('ENTRY_NOT_FOUND'));
    await append(2);
    const { result, event } = await complete();
    expect(result).toMatchObject({ id: 'big', parts: 3, status: 'preliminary', class: 'clinical' });
    expect(event?.name).toBe('EntryProposed');
    const { sha256 } = result;
    expect(
      (await scene.evaluate(scene.patient, 'Records:VerifyEntry', { patient, entry: 'big', sha256 }))
        .verified,
    ).toBe(true);
    const opening = await scene.submit(scene.patient, 'Access:OpenEntries', {
      patient,
      entries: ['big'],
      purpose: 'PATRQT',
    });
    const bodies = await Promise.all(
      parts.map((_, part) =>
        scene.evaluate(scene.patient, 'Access:ReadBodies', {
          patient,
          entries: ['big'],
          part,
          opening: opening.transaction,
        }),
      ),
    );
    expect(bodies.map(([one]) => one?.body)).toEqual(parts);
    await expect(complete()).rejects.toThrow(refused('DRAFT_NOT_FOUND'));
  });

  test('with other parts than its digest says is none', async () => {
    await append(0);
    await append(1, 'Yh');
    await append(2);
    await expect(complete()).rejects.toThrow(refused('DRAFT_INCOMPLETE'));
    await append(1);
    await complete();
  });

  test('takes no part beyond its last, and none of anybody else', async () => {
    await expect(append(3, 'more')).rejects.toThrow(refused('ARGUMENT_INVALID'));
    for (const who of [scene.otherHospital, scene.patient, scene.insurer])
      await expect(
        scene.submit(who, 'Records:AppendBody', { patient, entry: 'big', part: 0, body: 'x' }),
      ).rejects.toThrow(refused('DRAFT_NOT_FOUND'));
  });

  test('that is given up leaves nothing', async () => {
    await append(0);
    await append(2);
    await scene.submit(scene.hospital, 'Records:DiscardEntry', { patient, entry: 'big' });
    expect(scene.keysOf('big')).toEqual([]);
  });

  test('that is erased leaves no part', async () => {
    for (const part of parts.keys()) await append(part);
    await complete();
    await scene.submit(scene.patient, 'Records:EraseEntry', { patient, entry: 'big' });
    expect(scene.keysOf('big').map((key) => key.split('/')[1])).toEqual(['erasure']);
  });

  test('of the patient’s own is final, with keys for whoever is granted', async () => {
    await scene.request('c1');
    await scene.grant('c1');
    const { granted } = await scene.evaluate(scene.patient, 'Records:GrantsOf', { patient });
    const { institution: _, entry, ...large } = scene.large('mine', parts);
    await scene.submit(scene.patient, 'Records:BeginEntry', {
      ...large,
      entry: { ...entry, keys: { [patient]: wrappedFor(patient) } },
    });
    for (const [part, body] of parts.entries())
      await scene.submit(scene.patient, 'Records:AppendBody', { patient, entry: 'mine', part, body });
    const keys = [{ entry: 'mine', consent: 'c1', key: wrappedFor('insurer-a') }];
    const { result, event } = await scene.submit(scene.patient, 'Records:CompleteEntry', {
      patient,
      entry: 'mine',
      keys,
      granted,
    });
    expect([result.status, event?.name]).toEqual(['final', 'EntryAuthorized']);
  });
});
