/** A study from its protocol to its signed results, on a network: sponsor, regulator, site, investigator and subject. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { digestOf } from '@medigraph/dapp';
import { DAppNetwork, type Participant, type Patient } from '@medigraph/dapp/integration';
import { protocolDigest, studyOf, vitals } from './testing/study.js';

const study = 'NCT1';
const site = `${study}@hospital-a`;
const formData = `${site}@001@V1@VS`;

const network = DAppNetwork.connect();
let sponsor: Participant, clinic: Participant, investigator: Participant, regulator: Participant;
let patient: Patient;

before(async () => {
  [sponsor, clinic, regulator, investigator] = await Promise.all([
    network.as('insurer-a'),
    network.as('hospital-a'),
    network.as('regulator'),
    network.practitioner('hospital-a', 'dr-a'),
  ]);
  patient = await network.patient();
});
after(() => network.close());

/** Types of arguments that are no text, as the graph has them. */
const types: Readonly<Record<string, string>> = {
  'submitStudy.study': 'Trials_StudyTermsInput!',
  'decideStudy.decision': 'Trials_DecideDecision!',
  'moveSite.status': 'Trials_MoveSiteStatus!',
  'defineForm.form': 'Trials_FormDefInput!',
  'saveForm.place': 'Trials_FormPlaceInput!',
  'saveForm.items': '[Trials_ItemDataInput!]!',
  'signResults.result': 'Trials_ResultTermsInput!',
};

/** What a mutation of the DApp answers. */
async function perform<Result>(
  who: Participant,
  field: string,
  given: Readonly<Record<string, unknown>>,
  result = '__typename',
): Promise<Result> {
  const names = Object.keys(given);
  const declared = names.map((name) => `$${name}: ${types[`${field}.${name}`] ?? 'String!'}`);
  const passed = names.map((name) => `${name}: $${name}`);
  const { answer } = await who.request<{ answer: { result: Result } }>(
    `mutation(${declared.join(', ')}) { answer: trials_${field}(${passed.join(', ')}) { result { ${result} } } }`,
    given,
  );
  return answer.result;
}
const answers = (systolic: string): object[] => [
  { oid: 'VSDAT', value: '2026-03-01' },
  { oid: 'SYSBP', value: systolic },
  { oid: 'DIABP', value: '80' },
];
const save = (systolic: string, reason = '') =>
  perform<{ formData: { status: string }; queries: { id: string; item: string }[] }>(
    clinic,
    'saveForm',
    {
      place: { subject: `${site}@001`, event: 'V1', form: 'VS', version: 1 },
      items: answers(systolic),
      reason,
    },
    'formData { status } queries { id item }',
  );

test('a protocol is approved as it was read, and sites open', async () => {
  await perform(sponsor, 'submitStudy', { study: studyOf('insurer-a') });
  const decide = (digest: string) =>
    perform(regulator, 'decideStudy', {
      study,
      institution: 'regulator',
      protocolDigest: digest,
      decision: 'approved',
      reason: 'Read and found sound.',
    });
  await assert.rejects(decide(digestOf('another')), { code: 'DAPP_REFUSED', dappCode: 'PROTOCOL_CHANGED' });
  await decide(protocolDigest);
  await perform(sponsor, 'moveStudy', { study, status: 'active' });
  await perform(sponsor, 'inviteSite', { study, institution: 'hospital-a' });
  await perform(clinic, 'moveSite', { site, status: 'open', investigator: 'dr-a' });
  await perform(sponsor, 'defineForm', { form: vitals });
});

test('a patient whose consent is in force is enrolled, and one without is not', async () => {
  const enrol = (who: Patient, key: string) =>
    perform(clinic, 'enrolSubject', { site, key, patient: who.address });
  await enrol(patient, '001');
  const stranger = await network.patient({ installed: false });
  await assert.rejects(enrol(stranger, '002'), { code: 'DAPP_REFUSED', dappCode: 'INSTALLATION_REQUIRED' });
  const { trials_myStudies } = await patient.request<{ trials_myStudies: { status: string }[] }>(
    '{ trials_myStudies { id status } }',
  );
  assert.deepEqual(trials_myStudies, [{ id: `${site}@001`, status: 'on-study' }]);
});

test('answers are checked, asked about, signed and locked; every change stays', async () => {
  await assert.rejects(save('301'), { dappCode: 'CHECK_FAILED' });
  const doubtful = await save('190');
  assert.deepEqual([doubtful.formData.status, doubtful.queries.map(({ item }) => item)], ['open', ['SYSBP']]);
  await assert.rejects(save('120'), { dappCode: 'REASON_MISSING' });
  assert.equal((await save('120', 'typed wrong')).formData.status, 'clean');
  const sign = (who: Participant) => perform(who, 'signForm', { formData, meaning: 'I have reviewed it.' });
  await assert.rejects(sign(clinic), { dappCode: 'CALLER_FORBIDDEN' });
  await sign(investigator);
  await perform(sponsor, 'lockForm', { formData });
  await assert.rejects(save('121', 'late'), { dappCode: 'FORM_LOCKED' });
  const { trials_auditOfForm: audit } = await sponsor.request<{
    trials_auditOfForm: { item: string; before: string | null; after: string; reason: string }[];
  }>('query($id: String!) { trials_auditOfForm(id: $id) { item before after reason } }', { id: formData });
  assert.deepEqual(audit.at(-1), { item: 'SYSBP', before: '190', after: '120', reason: 'typed wrong' });
});

test('a withdrawn consent stops recording at once', async () => {
  await patient.request(
    'mutation($input: UninstallDAppInput!) { uninstallDApp(input: $input) { installation { status } } }',
    { input: { dapp: 'trials' } },
  );
  const refusal = perform(
    clinic,
    'saveForm',
    {
      place: { subject: `${site}@001`, event: 'V2', form: 'VS', version: 1 },
      items: answers('120'),
      reason: '',
    },
    'formData { status }',
  );
  await assert.rejects(refusal, { dappCode: 'CONSENT_REQUIRED' });
});

test('results are signed by the sponsor and whoever stands for them, and told of', async () => {
  const told = clinic.events<{ trials_resultsSigned: { item: { id: string } } }>(
    'subscription($after: String, $study: String) { trials_resultsSigned(after: $after, study: $study) { item { id } } }',
    { study },
  );
  for (const status of ['closed-to-accrual', 'completed'])
    await perform(sponsor, 'moveStudy', { study, status });
  const result = await perform<{ id: string; forms: number }>(
    sponsor,
    'signResults',
    { result: { study, title: 'Clinical study report', digest: digestOf('report') } },
    'id forms',
  );
  assert.equal(result.forms, 1);
  assert.equal((await told.next()).value?.trials_resultsSigned.item.id, result.id);
  await told.return?.();
  const countersign = () =>
    perform(regulator, 'countersignResults', { study, result: result.id, institution: 'regulator' });
  await countersign();
  await assert.rejects(countersign(), { dappCode: 'SIGNED_ALREADY' });
});
