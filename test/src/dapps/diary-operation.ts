/** What the publisher of the diary has of it while it runs: a back end, counts, reports, web hooks. */
import { expect, test } from '@jest/globals';
import { decodeJwt, exportSPKI, generateKeyPair } from 'jose';
import { eventually } from '../system/eventually.js';
import { type Person } from '../subgraphs/live-graph.js';
import {
  credentials,
  type DiaryCase,
  hook,
  hospital,
  insurer,
  insurerOperator,
  install,
  issue,
  mutation,
  uninstall,
} from './diary-case.js';

const clinical = 'http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical';
const allergy = (of: string): object => ({
  resourceType: 'AllergyIntolerance',
  clinicalStatus: { coding: [{ system: clinical, code: 'active' }] },
  patient: { reference: `Patient/${of}` },
});

export function testOperation(of: () => DiaryCase): void {
  test('only the publisher gives the back end of a DApp credentials: a secret, or a key of its own', async () => {
    const { provider, graph, patient, done, refusal } = of();
    for (const [person, code] of [
      [patient, 'FORBIDDEN'],
      [insurer, 'PUBLISHER_IMPERSONATED'],
      [{ ...hospital, passwordAlone: true }, 'STEP_UP_REQUIRED'],
    ] as const)
      expect(await refusal(person, issue, { dapp: 'diary' })).toBe(code);
    expect(await refusal(hospital, issue, { dapp: 'nothing' })).toBe('DAPP_NOT_FOUND');
    expect(await refusal(hospital, issue, { dapp: 'diary', publicKey: 'AAAA' })).toBe('BAD_USER_INPUT');
    const first = await done('dapps', hospital, issue, { dapp: 'diary' });
    expect(first).toMatchObject({
      clientId: 'dapp:diary',
      tokenEndpoint: `${provider.issuer}/token`,
      authentication: 'client_secret_post',
      kid: null,
    });
    const claims = decodeJwt(await provider.token('dapp:diary', String(first['secret'])));
    expect(claims).toMatchObject({ role: 'dapp', client_id: 'dapp:diary', institution: 'hospital-a' });

    const pair = await generateKeyPair('ES256', { extractable: true });
    const spki = await exportSPKI(pair.publicKey);
    const publicKey = spki.replace(/-----[^-]+-----|\s/g, '');
    const second = await done('dapps', hospital, issue, { dapp: 'diary', publicKey });
    expect(second).toMatchObject({ authentication: 'private_key_jwt', secret: null });
    await expect(provider.token('dapp:diary', String(first['secret']))).rejects.toMatchObject({
      status: 401,
    });
    of().backEnd = { clientId: 'dapp:diary', key: pair.privateKey, kid: String(second['kid']) };

    const ask = `{ dApp(id: "diary") { credentials { ${credentials} } } }`;
    expect((await graph.ask('dapps', hospital, ask)).data).toEqual({ dApp: { credentials: second } });
    expect((await graph.ask('dapps', insurerOperator, ask)).data).toEqual({ dApp: { credentials: null } });
  });

  test('a back end reads what was granted to the DApp, until it is uninstalled, and nothing of its institution', async () => {
    const { backEnd, provider, graph, patient, entry, done, refusal, readBy } = of();
    const token = await provider.token(backEnd.clientId, backEnd);
    const added = await done(
      'records',
      patient,
      'mutation($input: AddPersonalEntriesInput!) { addPersonalEntries(input: $input) { entries { id } } }',
      { resources: [allergy(patient.patient ?? '')] },
    );
    const other = (added['entries'] as [{ id: string }])[0].id;
    await done(
      'consent',
      patient,
      'mutation($input: OfferAccessInput!) { offerAccess(input: $input) { consent { id } } }',
      { grantee: 'hospital-a', provision: { purpose: ['TREAT'] } },
    );
    expect(await readBy(await graph.token(hospital), other)).toMatchObject({
      resourceType: 'AllergyIntolerance',
    });
    expect(await readBy(token, other)).toBeNull();
    expect(await readBy(token, entry)).toMatchObject({ resource: { valueQuantity: { value: 13.2 } } });
    const around = `{ patients { nodes { id } } }`;
    expect((await graph.ask('patients', token, around)).data).toEqual({
      patients: { nodes: [{ id: patient.patient }] },
    });
    expect((await graph.ask('consent', token, '{ consents { nodes { id } } }')).data).toEqual({
      consents: { nodes: [] },
    });
    const installations = '{ myInstallations { nodes { holder } } }';
    const holders = { myInstallations: { nodes: [{ holder: patient.patient }] } };
    expect((await graph.ask('dapps', token, installations)).data).toEqual(holders);
    expect(await refusal(patient, issue, { dapp: 'diary' })).toBe('FORBIDDEN');

    await done('dapps', patient, uninstall, { dapp: 'diary' });
    await eventually(
      'the end of the installation',
      () => readBy(token, entry),
      (found) => found === null,
    );
    expect((await graph.ask('patients', token, around)).data).toEqual({ patients: { nodes: [] } });
    await done('dapps', patient, install, { dapp: 'diary', scopes: ['labs'] });
    await eventually(
      'the installation',
      () => readBy(token, entry),
      (found) => found !== null,
    );
  });

  test('its publisher and reviewers are told how a DApp is called, and nobody else', async () => {
    const { graph, dapps, patient } = of();
    const usage =
      '{ dApp(id: "diary") { usage { nodes { operation calls failures p95 errors { code } } } } }';
    for (let count = 0; count < 7; count += 1)
      dapps.operation.usage.record({
        ...{ dapp: 'diary', version: '1.0.0', operation: 'Diary:Draw', milliseconds: 8 },
        caller: `person ${count}`,
      });
    await dapps.operation.usage.write();
    const drawn = { operation: 'Diary:Draw', calls: 5, failures: 0, p95: 10, errors: [] };
    for (const person of [hospital, insurerOperator])
      expect((await graph.ask('dapps', person, usage)).data).toEqual({ dApp: { usage: { nodes: [drawn] } } });
    for (const person of [patient, insurer])
      expect((await graph.ask('dapps', person, usage)).data).toEqual({ dApp: { usage: { nodes: [] } } });
  });

  test('its publisher and reviewers are told what happened to its contracts, and nobody else', async () => {
    const { graph, dapps, patient } = of();
    const read = '{ dApp(id: "diary") { log { nodes { version code message transactionId } } } }';
    const entry = { version: '1.0.0', message: 'the contracts used more than 256 MB of memory' };
    dapps.operation.log.add('diary', { ...entry, at: new Date().toISOString(), code: 'MEMORY_EXCEEDED' });
    await dapps.operation.log.write();
    const told = { ...entry, code: 'MEMORY_EXCEEDED', transactionId: null };
    for (const person of [hospital, insurerOperator])
      expect((await graph.ask('dapps', person, read)).data).toEqual({ dApp: { log: { nodes: [told] } } });
    for (const person of [patient, insurer])
      expect((await graph.ask('dapps', person, read)).data).toEqual({ dApp: { log: { nodes: [] } } });
  });

  test('its publisher sees which web hooks fail, resumes them, and has messages signed with another secret', async () => {
    const { graph, dapps, patient, done, refusal } = of();
    const { webhooks } = dapps.operation;
    const read = '{ dApp(id: "diary") { webhooks { event state failures reason } } }';
    const shown = async (person: Person) => (await graph.ask('dapps', person, read)).data;
    expect(await shown(hospital)).toEqual({
      dApp: {
        webhooks: [
          {
            ...{ event: 'Drawn', state: 'PENDING', failures: 0 },
            reason: 'graph.events of the manifest has no such event',
          },
        ],
      },
    });
    for (const person of [patient, insurer]) expect(await shown(person)).toEqual({ dApp: { webhooks: [] } });
    const resume = mutation('resumeDAppWebhook', 'state failures', 'ResumeDAppWebhookInput');
    const named = { dapp: 'diary', ...hook };
    expect(await refusal(hospital, resume, named)).toBe('WEBHOOK_NOT_FOUND');
    const { _id } = await webhooks.open(named, () => 'a cursor');
    await webhooks.failed(_id, 'it answered 500');
    await webhooks.disable(_id);
    expect(await shown(insurerOperator)).toMatchObject({
      dApp: { webhooks: [{ state: 'DISABLED', failures: 1 }] },
    });
    expect(await refusal(insurer, resume, named)).toBe('PUBLISHER_IMPERSONATED');
    expect(await done('dapps', hospital, resume, named)).toEqual({ state: 'ACTIVE', failures: 0 });

    const change = mutation('issueDAppWebhookSecret', 'secret', 'IssueDAppWebhookSecretInput');
    expect(await refusal(patient, change, { dapp: 'diary' })).toBe('FORBIDDEN');
    expect(await refusal(insurer, change, { dapp: 'diary' })).toBe('PUBLISHER_IMPERSONATED');
    const secrets = [
      await done('dapps', hospital, change, { dapp: 'diary' }),
      await done('dapps', hospital, change, { dapp: 'diary' }),
    ].map(({ secret }) => String(secret));
    const signing = (await webhooks.secretsOf('diary')).map((key) => `whsec_${key.toString('base64')}`);
    expect(signing).toEqual([secrets[1], secrets[0]]);
  });
}
