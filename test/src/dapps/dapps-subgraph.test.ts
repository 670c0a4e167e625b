/** The marketplace as its people meet it in the graph: who publishes, who reviews, who installs. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { eventually } from '../system/eventually.js';
import {
  bytesOf,
  DiaryCase,
  digestOf,
  hospital,
  hospitalOperator,
  insurer,
  insurerOperator,
  install,
  issue,
  key,
  mutation,
  publication,
  signed,
} from './diary-case.js';
import { testInstalling } from './diary-installing.js';
import { testOperation } from './diary-operation.js';

let diary: DiaryCase;
beforeAll(async () => {
  diary = await DiaryCase.start();
}, 60_000);
afterAll(() => diary.close());

const publish = mutation('publishDApp', 'release { status }');
const approve = mutation('approveDApp', 'release { status }', 'DAppVersionInput');

test('organisations agree on how they review, and everybody may know', async () => {
  const { graph, patient, done, refusal } = diary;
  const asked =
    '{ dAppReviewPolicy { rules { organizations approvals majorsMayBreak } proposals { organization } } }';
  const policy = async () => (await graph.ask('dapps', patient, asked)).data?.['dAppReviewPolicy'];
  const organizations = ['HospitalAMSP', 'InsurerAMSP'];
  const rules = { organizations: [...organizations, 'PatientsMSP'], approvals: 2, majorsMayBreak: false };
  expect(await policy()).toEqual({ rules, proposals: [] });
  const propose = mutation(
    'proposeDAppReviewPolicy',
    'policy { rules { organizations majorsMayBreak } proposals { organization rules { majorsMayBreak } } }',
  );
  const wanted = { organizations, approvals: 2, majorsMayBreak: true };
  const subscriber = await graph.subscriber('dapps', patient);
  const changes = subscriber.iterate<{ dAppReviewPolicyChanged: object }>({
    query: `subscription { dAppReviewPolicyChanged {
      event policy { rules { organizations approvals majorsMayBreak } proposals { organization } } } }`,
  });
  const proposed = changes.next();
  await subscriber.iterate({ query: '{ __typename }' }).next();
  for (const [person, input, code] of [
    [patient, wanted, 'FORBIDDEN'],
    [hospital, wanted, 'FORBIDDEN'],
    [{ ...hospitalOperator, passwordAlone: true }, wanted, 'STEP_UP_REQUIRED'],
    [hospitalOperator, { ...wanted, approvals: 0 }, 'BAD_USER_INPUT'],
    [hospitalOperator, { ...wanted, approvals: 3 }, 'POLICY_INVALID'],
    [hospitalOperator, { ...wanted, organizations: ['NobodyMSP'], approvals: 1 }, 'POLICY_INVALID'],
  ] as const)
    expect(await refusal(person, propose, input)).toBe(code);
  expect(await done('dapps', hospitalOperator, propose, wanted)).toEqual({
    policy: {
      rules: { organizations: rules.organizations, majorsMayBreak: false },
      proposals: [{ organization: 'HospitalAMSP', rules: { majorsMayBreak: true } }],
    },
  });
  expect(await policy()).toEqual({ rules, proposals: [{ organization: 'HospitalAMSP' }] });
  const agreed = changes.next();
  await done('dapps', insurerOperator, propose, wanted);
  expect(await policy()).toEqual({ rules: wanted, proposals: [] });
  expect([(await proposed).value, (await agreed).value]).toEqual([
    {
      data: {
        dAppReviewPolicyChanged: {
          event: 'DAppReviewPolicyProposed',
          policy: { rules, proposals: [{ organization: 'HospitalAMSP' }] },
        },
      },
    },
    {
      data: {
        dAppReviewPolicyChanged: {
          event: 'DAppReviewPolicyChanged',
          policy: { rules: wanted, proposals: [] },
        },
      },
    },
  ]);
});

test('an institution becomes a publisher, and nobody else in its place', async () => {
  const { patient, done, refusal } = diary;
  const register = mutation(
    'registerPublisher',
    'publisher { id organization institution { id } keys { kid status } }',
  );
  const acme = { id: 'acme', name: 'Acme', institution: 'hospital-a', key: key.publicKey };
  expect(await refusal(patient, register, acme)).toBe('FORBIDDEN');
  expect(await refusal(insurer, register, acme)).toBe('FORBIDDEN');
  expect(await refusal(insurerOperator, register, acme)).toBe('CALLER_FORBIDDEN');
  expect(await refusal({ ...hospital, passwordAlone: true }, register, acme)).toBe('STEP_UP_REQUIRED');
  expect(await done('dapps', hospital, register, acme)).toEqual({
    publisher: {
      id: 'acme',
      organization: 'HospitalAMSP',
      institution: { id: 'hospital-a' },
      keys: [{ kid: key.kid, status: 'ACTIVE' }],
    },
  });
});

test('a package is taken if it is what its digest says', async () => {
  const { patient, refusal, send, fetched } = diary;
  const bytes = bytesOf('1.0.0');
  const sha256 = digestOf(bytes);
  expect(await refusal(hospital, publish, await publication('1.0.0'))).toBe('PACKAGE_MISSING');
  expect(await send(patient, sha256, bytes)).toEqual([403, 'FORBIDDEN']);
  expect(await send(hospital, sha256, Buffer.from('something else'))).toEqual([422, 'PACKAGE_TAMPERED']);
  expect(await send(hospital, sha256, Buffer.alloc(50_000_001))).toEqual([413, 'PACKAGE_TOO_LARGE']);
  expect(await send(hospital, '..%2f..', bytes)).toEqual([400, 'BAD_REQUEST']);
  expect(await send(hospital, sha256, bytes)).toEqual([201, undefined]);
  expect(await send(hospital, sha256, bytes)).toEqual([200, undefined]);
  expect(await fetched(insurerOperator, sha256)).toBe(200);
  expect(await fetched(patient, sha256)).toBe(404);
});

test('a version is published by its publisher alone, and seen by those who review it', async () => {
  const { graph, patient, done, refusal } = diary;
  const version = await publication('1.0.0');
  expect(await refusal(insurer, publish, version)).toBe('PUBLISHER_IMPERSONATED');
  expect(
    await refusal(hospital, publish, {
      ...version,
      signature: await signed('1.0.1', String(version['sha256'])),
    }),
  ).toBe('SIGNATURE_INVALID');
  expect(await done('dapps', hospital, publish, version)).toEqual({ release: { status: 'SUBMITTED' } });
  expect(await refusal(hospital, publish, version)).toBe('RELEASE_EXISTS');
  const ask = '{ dApp(id: "diary") { name } dAppRelease(dapp: "diary", version: "1.0.0") { compatible } }';
  const seen = { dApp: { name: 'Diary' }, dAppRelease: { compatible: true } };
  expect((await graph.ask('dapps', insurerOperator, ask)).data).toEqual(seen);
  expect((await graph.ask('dapps', hospital, ask)).data).toEqual(seen);
  expect((await graph.ask('dapps', patient, ask)).data).toEqual({ dApp: null, dAppRelease: null });
  expect((await graph.ask('dapps', insurer, ask)).data).toEqual({ dApp: null, dAppRelease: null });
  const reviews = '{ dAppReviews { nodes { version } } }';
  expect((await graph.ask('dapps', insurerOperator, reviews)).data).toEqual({
    dAppReviews: { nodes: [{ version: '1.0.0' }] },
  });
  expect((await graph.ask('dapps', hospital, reviews)).data).toEqual({ dAppReviews: { nodes: [] } });
});

test('organisations approve, it runs, and everybody finds it', async () => {
  const { graph, dapps, patient, done, refusal, fetched, submit } = diary;
  const changes = dapps.dappChanges(diary.signal)[Symbol.asyncIterator]();
  const first = changes.next();
  const version = { dapp: 'diary', version: '1.0.0' };
  expect(await refusal(hospital, approve, version)).toBe('FORBIDDEN');
  await submit(insurerOperator, 'DApps:ReportChecks', { ...version, findings: [] });
  expect(await refusal({ ...insurerOperator, passwordAlone: true }, approve, version)).toBe(
    'STEP_UP_REQUIRED',
  );
  expect(await done('dapps', insurerOperator, approve, version)).toEqual({ release: { status: 'CHECKED' } });
  expect(await refusal(insurerOperator, approve, version)).toBe('VOTE_EXISTS');
  expect(await done('dapps', hospitalOperator, approve, version)).toEqual({
    release: { status: 'APPROVED' },
  });
  await submit(insurerOperator, 'DApps:Activate', version);
  expect((await first).value).toMatchObject({
    change: 'activated',
    manifest: { id: 'diary', version: '1.0.0' },
  });
  const found = await graph.ask(
    'dapps',
    patient,
    `{ dapps(search: "curves DIARY", category: WELLBEING, publisher: "acme") { nodes {
         id status publisher { name } active { version }
         scopes { id required description } statistics { installations ratings averageStars } } } }`,
  );
  expect(found.data).toEqual({
    dapps: {
      nodes: [
        {
          id: 'diary',
          status: 'ACTIVE',
          publisher: { name: 'Acme' },
          active: { version: '1.0.0' },
          scopes: [
            {
              id: 'labs',
              required: true,
              description: 'Reads your measurements and laboratory results to treat you, for 30 days.',
            },
            {
              id: 'study',
              required: false,
              description: 'Reads all your records for health research, until you withdraw it.',
            },
          ],
          statistics: { installations: 0, ratings: 0, averageStars: null },
        },
      ],
    },
  });
  const shelves =
    '{ dAppCategories { category dapps } dApp(id: "diary") { releases { nodes { version status } } } }';
  expect((await graph.ask('dapps', patient, shelves)).data).toEqual({
    dAppCategories: [{ category: 'WELLBEING', dapps: 1 }],
    dApp: { releases: { nodes: [{ version: '1.0.0', status: 'ACTIVE' }] } },
  });
  expect((await graph.ask('dapps', patient, '{ dapps(search: ".*") { nodes { id } } }')).data).toEqual({
    dapps: { nodes: [] },
  });
  expect(await fetched(patient, digestOf(bytesOf('1.0.0')))).toBe(200);
});

test('lists come in the order that is asked for, and go on in no other', async () => {
  const { graph, patient } = diary;
  const query = `query($orderBy: DAppOrder!, $after: String) {
    dapps(orderBy: $orderBy, after: $after) { edges { cursor node { id } } } }`;
  const page = (variables: object) => graph.ask('dapps', patient, query, variables);
  const orders = ['NAME', 'RECENT', 'INSTALLATIONS', 'RATING'];
  for (const orderBy of orders) {
    const { dapps } = (await page({ orderBy })).data as {
      dapps: { edges: { cursor: string; node: object }[] };
    };
    expect(dapps.edges.map(({ node }) => node)).toEqual([{ id: 'diary' }]);
    for (const other of orders) {
      const { data, errors } = await page({ orderBy: other, after: dapps.edges[0]?.cursor });
      if (other === orderBy) expect(data).toEqual({ dapps: { edges: [] } });
      else expect(errors?.[0]?.extensions.code).toBe('CURSOR_INVALID');
    }
  }
});
testInstalling(() => diary);
testOperation(() => diary);

test('an operator installs for an institution of their organisation, without consents', async () => {
  const { dapps, done, refusal } = diary;
  const payload = { dapp: 'diary', scopes: ['labs'], institution: 'insurer-a' };
  expect(await refusal(hospitalOperator, install, payload)).toBe('CALLER_FORBIDDEN');
  expect(await done('dapps', insurerOperator, install, payload)).toEqual({
    installation: { status: 'ACTIVE', grants: [{ scope: 'labs', consent: null }] },
  });
  expect(await dapps.installations.active('diary', { institution: 'insurer-a' })).toBe(true);
});

test('the end of a DApp is announced to everybody by its publisher alone', async () => {
  const { graph, patient, done, refusal } = diary;
  const deprecate = mutation('deprecateDApp', 'dApp { status deprecation { reason } }');
  const notice = { dapp: 'diary', reason: 'We write another', endsAt: '2099-01-01T00:00:00.000Z' };
  const subscriber = await graph.subscriber('dapps', patient);
  const changes = subscriber.iterate<{ dappChanged: object }>({
    query: 'subscription { dappChanged(dapp: "diary") { change dApp { deprecation { reason endsAt } } } }',
  });
  const told = changes.next();
  await subscriber.iterate({ query: '{ __typename }' }).next();
  expect(await refusal(patient, deprecate, notice)).toBe('FORBIDDEN');
  expect(await refusal(insurer, deprecate, notice)).toBe('PUBLISHER_IMPERSONATED');
  expect(await refusal(hospital, deprecate, { ...notice, endsAt: '2020-01-01T00:00:00.000Z' })).toBe(
    'ARGUMENT_INVALID',
  );
  expect(await done('dapps', hospital, deprecate, notice)).toEqual({
    dApp: { status: 'DEPRECATED', deprecation: { reason: notice.reason } },
  });
  const { reason, endsAt } = notice;
  expect((await told).value).toEqual({
    data: { dappChanged: { change: 'DEPRECATED', dApp: { deprecation: { reason, endsAt } } } },
  });
  const found = await graph.ask(
    'dapps',
    insurer,
    '{ dapps { nodes { status statistics { installations ratings averageStars } ratings { nodes { stars review } } } } }',
  );
  expect(found.data).toEqual({
    dapps: {
      nodes: [
        {
          status: 'DEPRECATED',
          statistics: { installations: 2, ratings: 1, averageStars: 4 },
          ratings: { nodes: [{ stars: 4, review: 'Helps' }] },
        },
      ],
    },
  });
});

test('a later version is higher, and one that is stopped is gone for everybody', async () => {
  const { backEnd, provider, graph, dapps, patient, entry, done, refusal, send, readBy } = diary;
  const downgrade = await publication('0.9.0');
  for (const version of ['0.9.0', '2.0.0'])
    await send(hospital, digestOf(bytesOf(version)), bytesOf(version));
  expect(await refusal(hospital, publish, downgrade)).toBe('RELEASE_NOT_HIGHER');
  await done('dapps', hospital, publish, await publication('2.0.0'));
  const compatible = '{ dAppRelease(dapp: "diary", version: "2.0.0") { compatible } }';
  expect((await graph.ask('dapps', hospital, compatible)).data).toEqual({
    dAppRelease: { compatible: false },
  });
  const live = dapps.dappChanges(diary.signal)[Symbol.asyncIterator]();
  expect((await live.next()).value).toMatchObject({ change: 'activated', manifest: { version: '1.0.0' } });
  const withdrawn = live.next();
  const subscriber = await graph.subscriber('dapps', patient);
  const told = new Promise((resolve, reject) => {
    subscriber.subscribe(
      {
        query: 'subscription { dappChanged(dapp: "diary") { change dApp { status revocation { reason } } } }',
      },
      { next: ({ data }) => data && resolve(data), error: reject, complete: () => undefined },
    );
  });
  const revoke = mutation('revokeDApp', 'dApp { status }');
  const reason = 'It leaks';
  expect(await refusal(hospital, revoke, { dapp: 'diary', reason })).toBe('FORBIDDEN');
  const token = await provider.token(backEnd.clientId, backEnd);
  expect(await readBy(token, entry)).toMatchObject({ resourceType: 'Observation' });
  expect(await done('dapps', hospitalOperator, revoke, { dapp: 'diary', reason })).toEqual({
    dApp: { status: 'DEPRECATED' },
  });
  expect(await done('dapps', insurerOperator, revoke, { dapp: 'diary', reason })).toEqual({
    dApp: { status: 'REVOKED' },
  });
  expect((await withdrawn).value).toEqual({ change: 'withdrawn', dapp: 'diary' });
  expect(await told).toEqual({
    dappChanged: { change: 'REVOKED', dApp: { status: 'REVOKED', revocation: { reason } } },
  });
  expect(await dapps.installations.active('diary', { patient: patient.patient })).toBe(false);
  // A token that is out reads nothing more, and there is no other.
  await eventually(
    'the end of reading',
    () => readBy(token, entry),
    (found) => found === null,
  );
  await eventually(
    'the end of the client',
    () =>
      provider
        .token(backEnd.clientId, backEnd)
        .catch((error: unknown) => (error as { status?: number }).status),
    (outcome) => outcome === 401,
  );
  expect(await refusal(hospital, issue, { dapp: 'diary' })).toBe('DAPP_REVOKED');
  expect(await refusal(patient, install, { dapp: 'diary', scopes: ['labs'] })).toBe('DAPP_REVOKED');
  const listed = '{ dapps { nodes { id } } dAppCategories { category } }';
  expect((await graph.ask('dapps', patient, listed)).data).toEqual({
    dapps: { nodes: [] },
    dAppCategories: [],
  });
});
