import { beforeEach, describe, expect, test } from '@jest/globals';
import { type care } from '@medigraph/schema';
import { CareScene, sealed, watch, wrappedFor } from './testing/care-scene.js';

let scene: CareScene;
let patient: string;
beforeEach(async () => {
  scene = await CareScene.open();
  patient = scene.patient.address;
});

const measured = (id: string, changes: Partial<care.ProposedEntry> = {}) => sealed(id, [patient], changes);
const contribute = async (
  batch: string,
  entries: care.ProposedEntry[],
  changes: object = {},
  who = scene.otherInsurer,
) =>
  scene.submit(who, 'Contributions:ContributeEntries', {
    ...(await scene.contribution(batch, ...entries)),
    ...changes,
  });
const listed = async (): Promise<care.Entry[]> =>
  (await scene.evaluate(scene.patient, 'Records:EntriesOf', { patient, pageSize: 100 })).items;

test('a device that the patient lets write brings entries that are theirs, final at once, and say who brought them', async () => {
  expect((await scene.letContribute()).event?.name).toBe('ContributorAuthorized');
  const { result, event } = await contribute('b1', [measured('e1'), measured('e2')], {
    source: 'watch-cloud',
  });
  expect(result).toMatchObject({ ...watch, patient, batch: 'b1', entries: ['e1', 'e2'] });
  expect(event?.name).toBe('EntryAuthorized');
  expect(await listed()).toMatchObject(
    ['e1', 'e2'].map((id) => ({
      id,
      class: 'personal',
      institution: patient,
      status: 'final',
      provenance: {
        agent: { kind: 'device', id: 'watch' },
        onBehalfOf: 'insurer-b',
        method: 'measured',
        source: 'watch-cloud',
      },
    })),
  );
});

test('whom the patient let read gets the keys with a batch; a grant that came between refuses it', async () => {
  await scene.letContribute();
  await scene.request('c1');
  const early = await scene.contribution('b1', measured('e1'));
  await scene.grant('c1');
  await expect(scene.submit(scene.otherInsurer, 'Contributions:ContributeEntries', early)).rejects.toThrow(
    /^GRANTS_CHANGED/,
  );
  const state = await scene.evaluate(scene.otherInsurer, 'Contributions:ReadContributor', {
    patient,
    ...watch,
  });
  expect(state.grants).toMatchObject([{ id: 'c1', grantee: 'insurer-a' }]);
  await contribute('b1', [measured('e1')], {
    keys: [{ entry: 'e1', consent: 'c1', key: wrappedFor('insurer-a') }],
  });
  const [opened] = (await scene.openAsInsurer('e1')).result;
  expect(opened?.key).toBe(wrappedFor('insurer-a'));
});

describe('a batch', () => {
  beforeEach(() => scene.letContribute());

  test('is taken once', async () => {
    const { result } = await contribute('b1', [measured('e1')]);
    await expect(contribute('b1', [measured('e2')])).rejects.toThrow(/^CONTRIBUTION_EXISTS/);
    expect(
      await scene.evaluate(scene.otherInsurer, 'Contributions:ReadContribution', {
        patient,
        ...watch,
        batch: 'b1',
      }),
    ).toEqual(result);
    await expect(
      scene.evaluate(scene.otherInsurer, 'Contributions:ReadContribution', {
        patient,
        ...watch,
        batch: 'b2',
      }),
    ).rejects.toThrow(/^CONTRIBUTION_NOT_FOUND/);
  });

  test('is taken whole or not at all, and the refusal names the element', async () => {
    await contribute('b1', [measured('e1')]);
    for (const [entry, message] of [
      [measured('e1'), /^ENTRY_EXISTS/],
      [measured('e3', { category: 'medication' }), /^CONTRIBUTION_NOT_COVERED: entries.1.category/],
      [measured('e3', { sha256: '0'.repeat(64) }), /^ARGUMENT_INVALID: entries.1.sha256/],
      [sealed('e3', [patient, 'insurer-b']), /^ARGUMENT_INVALID: entries.1.keys.insurer-b/],
      [sealed('e3', []), /^KEY_MISSING: entries.1.keys/],
    ] as const)
      await expect(contribute('b2', [measured('e2'), entry])).rejects.toThrow(message);
    expect((await listed()).map(({ id }) => id)).toEqual(['e1']);
  });
});

describe('to a contributor that the patient does not let write, the patient is not there', () => {
  const unknown = /^PATIENT_NOT_FOUND/;

  test('never let, ended, out of its period, another program, a patient who is no more', async () => {
    await expect(contribute('b1', [measured('e1')])).rejects.toThrow(unknown);
    await scene.letContribute();
    await expect(contribute('b1', [measured('e1')], { application: 'scale' })).rejects.toThrow(unknown);
    await scene.letContribute({ active: false });
    await expect(contribute('b1', [measured('e1')])).rejects.toThrow(unknown);
    await scene.letContribute({ period: { end: '2020-01-01T00:00:00.000Z' } });
    await expect(contribute('b1', [measured('e1')])).rejects.toThrow(unknown);
    await scene.letContribute();
    await scene.submit(scene.patient, 'Registration:Deactivate', {});
    await expect(
      scene.evaluate(scene.otherInsurer, 'Contributions:ReadContributor', { patient, ...watch }),
    ).rejects.toThrow(unknown);
  });

  test('a certificate of another program, or of another organisation, does not do for it', async () => {
    await scene.letContribute();
    const certified = (name: string) =>
      scene.bench.enrol('InsurerBMSP', name, { attributes: { 'medigraph.application': name } });
    const [own, other] = [await certified('watch'), await certified('scale')];
    await expect(contribute('b1', [measured('e1')], {}, other)).rejects.toThrow(/^CALLER_FORBIDDEN/);
    await expect(contribute('b1', [measured('e1')], {}, scene.hospital)).rejects.toThrow(/^CALLER_FORBIDDEN/);
    await contribute('b1', [measured('e1')], {}, own);
  });
});

test('what makes no sense is not authorised', async () => {
  for (const [terms, message] of [
    [{ institution: 'nobody' }, /^INSTITUTION_NOT_FOUND/],
    [{ category: ['medication'] }, /^ARGUMENT_INVALID: category/],
    [{ category: ['observation', 'observation'] }, /^ARGUMENT_INVALID: category.1/],
    [{ resourceType: ['observation'] }, /^ARGUMENT_INVALID: resourceType.0/],
    [
      { period: { start: '2026-02-01T00:00:00.000Z', end: '2026-01-01T00:00:00.000Z' } },
      /^ARGUMENT_INVALID: period/,
    ],
  ] as const)
    await expect(scene.letContribute(terms as object)).rejects.toThrow(message);
  const page = { patient, pageSize: 10 };
  await scene.letContribute();
  await scene.letContribute({ kind: 'application', category: ['medication'], active: false });
  const { items } = await scene.evaluate(scene.patient, 'Contributions:ContributorsOf', page);
  expect(items).toMatchObject([{ ...watch, kind: 'application', active: false }]);
});

test('what an institution proposes and a patient writes says who brought it', async () => {
  await scene.authorizeStorage();
  await scene.propose(scene.clinical('e1'));
  await scene.submit(scene.hospital, 'Records:ProposeEntries', {
    patient,
    institution: 'hospital-a',
    method: 'imported',
    source: 'old-system',
    entries: [scene.clinical('e2')],
  });
  await scene.submit(scene.patient, 'Records:AddPersonalEntries', { entries: [measured('e3')] });
  const hospital = { kind: 'institution', id: 'hospital-a' };
  expect((await listed()).map(({ provenance }) => provenance)).toEqual([
    { agent: hospital, method: 'entered' },
    { agent: hospital, method: 'imported', source: 'old-system' },
    { agent: { kind: 'patient', id: patient }, method: 'entered' },
  ]);
  await scene.submit(scene.patient, 'Records:AuthorizeStorage', {
    institutions: ['hospital-b'],
    active: true,
  });
  await scene.submit(scene.doctor, 'Records:ProposeEntries', {
    patient,
    institution: 'hospital-b',
    entries: [sealed('e4', [patient, 'hospital-b'])],
  });
  expect((await listed())[3]?.provenance).toEqual({
    agent: { kind: 'practitioner', id: 'dr-b' },
    onBehalfOf: 'hospital-b',
    method: 'entered',
  });
});
