import assert from 'node:assert/strict';
import { beforeEach, describe, test } from 'node:test';
import { assertHas, type BenchIdentity, DAppBench } from '@medigraph/dapp/testing';
import { digestOf } from '@medigraph/dapp';
import { doubtsOf } from './edit-checks.js';
import { contracts } from './index.js';
import { protocolDigest, studyOf, vitals } from './testing/study.js';
import { type AuditRecord, type Query, type Result, type SavedForm, type Study } from './types.js';

const answers = (systolic: string, diastolic = '80') => [
  { oid: 'VSDAT', value: '2026-03-01' },
  { oid: 'SYSBP', value: systolic },
  { oid: 'DIABP', value: diastolic },
];
const site = 'NCT1@clinic';
const place = { subject: `${site}@001`, event: 'V1', form: 'VS', version: 1 };
const formData = `${site}@001@V1@VS`;

describe('edit checks', () => {
  for (const [what, answer] of [
    ['a day that is none', { oid: 'VSDAT', value: '2026-02-30' }],
    ['a number that is none', { oid: 'SYSBP', value: '12.5' }],
    ['what is not on the list', { oid: 'POS', value: 'STANDING' }],
    ['what is not asked', { oid: 'XX', value: '1' }],
    ['what cannot be', { oid: 'SYSBP', value: '301' }],
  ] as const)
    test(`refuse ${what}`, () => {
      assert.throws(() => doubtsOf(vitals, [answer]), { code: 'CHECK_FAILED' });
    });

  test('ask about what is missing and what is doubtful', () => {
    assert.equal(doubtsOf(vitals, [{ oid: 'VSDAT', value: '2026-03-01' }]).length, 2);
    assert.equal(doubtsOf(vitals, answers('120')).length, 0);
    assert.deepEqual(
      doubtsOf(vitals, answers('190', '195')).map(({ item }) => item),
      ['SYSBP', 'DIABP'],
    );
    assert.deepEqual(doubtsOf(vitals, answers('100', '99')), []);
  });
});

describe('trials', () => {
  let bench: DAppBench;
  let sponsor: BenchIdentity, clinic: BenchIdentity, investigator: BenchIdentity, regulator: BenchIdentity;
  let ann: BenchIdentity;
  let consent: string;

  const refused = (code: string): { code: string } => ({ code });
  const save = async (systolic: string, reason = '', diastolic = '80'): Promise<SavedForm> =>
    (await bench.submit(clinic, 'Forms:save', place, answers(systolic, diastolic), reason))
      .result as SavedForm;
  const decide = (decision: string, digest = protocolDigest) =>
    bench.submit(regulator, 'Studies:decide', 'NCT1', 'authority', digest, decision, 'Read and found sound.');
  const activate = async (): Promise<void> => {
    await decide('approved');
    await bench.submit(sponsor, 'Studies:move', 'NCT1', 'active');
  };

  beforeEach(async () => {
    bench = new DAppBench({ contracts, dapp: 'trials', start: '2026-03-01T08:00:00.000Z' });
    bench.institution('pharma', 'InsurerAMSP', 'research');
    bench.institution('clinic', 'HospitalAMSP');
    bench.institution('authority', 'RegulatorMSP', 'regulator');
    for (const holder of ['pharma', 'clinic']) bench.install(holder);
    sponsor = await bench.member('InsurerAMSP');
    clinic = await bench.member('HospitalAMSP');
    investigator = await bench.member('HospitalAMSP', { practitioner: 'dr-a' });
    regulator = await bench.member('RegulatorMSP');
    ann = await bench.person();
    bench.install(ann);
    consent = bench.permit({ patient: ann.address, purpose: 'CLINTRCH' });
    await bench.submit(sponsor, 'Studies:submit', studyOf('pharma'));
  });

  const open = async (): Promise<void> => {
    await activate();
    await bench.submit(sponsor, 'Studies:inviteSite', 'NCT1', 'clinic');
    await bench.submit(clinic, 'Studies:moveSite', site, 'open', 'dr-a');
    await bench.submit(sponsor, 'Studies:defineForm', vitals);
    await bench.submit(clinic, 'Subjects:enrol', site, '001', ann.address);
  };

  test('a regulator approves the document that it read, and no other', async () => {
    await assert.rejects(decide('approved', digestOf('another')), refused('PROTOCOL_CHANGED'));
    await assert.rejects(
      bench.submit(sponsor, 'Studies:decide', 'NCT1', 'pharma', protocolDigest, 'approved', 'Ours.'),
      refused('CALLER_FORBIDDEN'),
    );
    await assert.rejects(
      bench.submit(sponsor, 'Studies:move', 'NCT1', 'active'),
      refused('STUDY_STATE_INVALID'),
    );
    await activate();
    const { result } = await bench.submit(sponsor, 'Studies:amend', 'NCT1', '2.0', digestOf('2.0'));
    assert.equal((result as Study).status, 'in-review');
    await assert.rejects(
      bench.submit(clinic, 'Studies:amend', 'NCT1', '3.0', digestOf('3.0')),
      refused('CALLER_FORBIDDEN'),
    );
  });

  test('nobody is enrolled without consent, twice, or beyond the target', async () => {
    await open();
    const [ben, eve] = [await bench.person(), await bench.person()];
    bench.install(ben);
    bench.install(eve);
    await assert.rejects(
      bench.submit(clinic, 'Subjects:enrol', site, '002', ben.address),
      refused('CONSENT_REQUIRED'),
    );
    await assert.rejects(
      bench.submit(clinic, 'Subjects:enrol', site, '002', ann.address),
      refused('SUBJECT_EXISTS'),
    );
    for (const patient of [ben.address, eve.address]) bench.permit({ patient, purpose: 'CLINTRCH' });
    await bench.submit(clinic, 'Subjects:enrol', site, '002', ben.address);
    await assert.rejects(
      bench.submit(clinic, 'Subjects:enrol', site, '003', eve.address),
      refused('STUDY_FULL'),
    );
  });

  test('a withdrawn consent stops recording, and so does withdrawing from the study', async () => {
    await open();
    await save('120');
    bench.withdraw(consent);
    await assert.rejects(save('121', 'typed wrong'), refused('CONSENT_REQUIRED'));
    bench.permit({ patient: ann.address, purpose: 'CLINTRCH' });
    await bench.submit(ann, 'Subjects:withdraw', 'NCT1');
    await assert.rejects(save('121', 'typed wrong'), refused('SUBJECT_STATE_INVALID'));
    assertHas(await bench.evaluate(ann, 'Subjects:mine'), [{ status: 'withdrawn' }]);
  });

  test('doubtful answers raise queries, which settle with the answer or are answered and closed', async () => {
    await open();
    const doubtful = await save('190', '', '195');
    assert.deepEqual(
      [doubtful.formData.status, doubtful.queries.map(({ item }) => item)],
      ['open', ['SYSBP', 'DIABP']],
    );
    const better = await save('190', 'DIABP typed wrong');
    assert.deepEqual(
      better.queries.map(({ item }) => item),
      ['SYSBP'],
    );
    const [query] = better.queries;
    await bench.submit(clinic, 'Forms:answerQuery', formData, query?.id, 'Measured twice.');
    await assert.rejects(
      bench.submit(clinic, 'Forms:closeQuery', formData, query?.id),
      refused('CALLER_FORBIDDEN'),
    );
    const closed = (await bench.submit(sponsor, 'Forms:closeQuery', formData, query?.id)).result as SavedForm;
    assertHas(closed, { formData: { status: 'clean' }, queries: [] });
    const all = (await bench.evaluate(sponsor, 'Forms:queries', formData)) as Query[];
    assert.deepEqual(all.map(({ status }) => status).sort(), ['closed', 'closed']);
  });

  test('every change is in the audit trail, with its reason', async () => {
    await open();
    await save('120');
    await assert.rejects(save('130'), refused('REASON_MISSING'));
    await save('130', 'typed wrong');
    const audit = (await bench.evaluate(sponsor, 'Forms:audit', formData)) as AuditRecord[];
    assert.equal(audit.length, 4);
    assertHas(audit.at(-1), {
      item: 'SYSBP',
      before: '120',
      after: '130',
      reason: 'typed wrong',
      organization: 'HospitalAMSP',
    });
  });

  test('the investigator signs what is clean; a change or a query voids it; the sponsor locks it', async () => {
    await open();
    const sign = (who: BenchIdentity) => bench.submit(who, 'Forms:sign', formData, 'I have reviewed it.');
    await save('190');
    await assert.rejects(sign(investigator), refused('FORM_STATE_INVALID'));
    await save('120', 'typed wrong');
    await assert.rejects(sign(clinic), refused('CALLER_FORBIDDEN'));
    const signed = (await sign(investigator)).result as SavedForm;
    assertHas(signed.formData.signature, {
      practitioner: 'dr-a',
      digest: digestOf({ ...place, items: answers('120') }),
    });
    const asked = (await bench.submit(sponsor, 'Forms:raiseQuery', formData, 'SYSBP', 'Sitting?'))
      .result as SavedForm;
    assert.equal(asked.formData.signature, undefined);
    await bench.submit(sponsor, 'Forms:closeQuery', formData, asked.queries[0]?.id);
    await sign(investigator);
    await bench.submit(sponsor, 'Forms:lock', formData);
    await assert.rejects(save('121', 'late'), refused('FORM_LOCKED'));
    await bench.submit(sponsor, 'Studies:move', 'NCT1', 'closed-to-accrual');
    await bench.submit(sponsor, 'Studies:move', 'NCT1', 'completed');
    const terms = { study: 'NCT1', title: 'Clinical study report', digest: digestOf('report') };
    const result = (await bench.submit(sponsor, 'Studies:signResults', terms)).result as Result;
    assert.equal(result.forms, 1);
    await bench.submit(regulator, 'Studies:countersignResults', 'NCT1', result.id, 'authority');
    const twice = bench.submit(regulator, 'Studies:countersignResults', 'NCT1', result.id, 'authority');
    await assert.rejects(twice, refused('SIGNED_ALREADY'));
  });

  test('answers are for the site, the sponsor and who decided; for others they are not there', async () => {
    await open();
    await save('120');
    const rival = await bench.member('HospitalBMSP');
    for (const who of [sponsor, clinic, regulator])
      assertHas(await bench.evaluate(who, 'Forms:read', formData), { formData: { id: formData } });
    for (const who of [rival, ann]) {
      await assert.rejects(bench.evaluate(who, 'Forms:read', formData), refused('FORM_DATA_NOT_FOUND'));
      assert.deepEqual(await bench.evaluate(who, 'Forms:ofSite', site), []);
      await assert.rejects(
        bench.evaluate(who, 'Subjects:patientOf', `${site}@001`),
        refused('SITE_NOT_FOUND'),
      );
    }
    await assert.rejects(
      bench.evaluate(sponsor, 'Subjects:patientOf', `${site}@001`),
      refused('SITE_NOT_FOUND'),
    );
    assert.equal(await bench.evaluate(clinic, 'Subjects:patientOf', `${site}@001`), ann.address);
  });
});
