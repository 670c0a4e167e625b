/** From a stranger's folder to a patient's query: published, checked, approved, run, installed, asked, stopped. */
import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { fileURLToPath } from 'node:url';
import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { registerInstitutions, registerPatient } from './case.js';
import { eventually } from './eventually.js';
import { testHostileDApps } from './hostile-dapps.js';
import { codesOf, RunningSystem } from './running-system.js';

const appointments = fileURLToPath(new URL('../../../marketplace/dapps/appointments', import.meta.url));
const cli = fileURLToPath(new URL('../../../launcher/dist/cli.js', import.meta.url));
const run = promisify(execFile);
const reviewers = ['hospital-a', 'hospital-b', 'insurer-a', 'regulator'];
const dapp = 'appointments';
const version = '1.0.0';
/** So few that a flood of a slow machine is one. */
const eventsPerSecond = 5;

let settings: string;
let system: RunningSystem;
let patient: string;
let self: string;

beforeAll(async () => {
  settings = await mkdtemp(path.join(tmpdir(), 'medigraph-settings-'));
  process.env['MEDIGRAPH_DAPP_EVENTS_PER_SECOND'] = String(eventsPerSecond);
  system = await RunningSystem.start();
  await registerInstitutions(system);
  patient = await registerPatient(system);
  self = `patient:${patient}`;
}, 120_000);
afterAll(async () => {
  delete process.env['MEDIGRAPH_DAPP_EVENTS_PER_SECOND'];
  await system.close();
  await rm(settings, { recursive: true, force: true });
});

/** What `medigraph dapp …` prints. */
async function command(...args: string[]): Promise<string> {
  const env = { ...process.env, XDG_CONFIG_HOME: settings, MEDIGRAPH_KEY_PASSPHRASE: 'a passphrase' };
  const { stdout } = await run(process.execPath, ['--no-warnings', cli, 'dapp', ...args], { env });
  return stdout;
}
const as = (role: string): string[] => ['--as', role, '--data', system.folder];

async function publish(): Promise<void> {
  await command('keys', 'create', 'examples');
  const publisher = ['--publisher', 'medigraph-examples', '--institution', 'hospital-a', '--key', 'examples'];
  await command('register', ...publisher, ...as('operator:hospital-a'));
  const folder = ['--folder', appointments, '--key', 'examples', '--until', 'checked'];
  await command('publish', ...folder, ...as('hospital-a'));
  // Once more, as after a cut: it is there.
  await command('publish', ...folder, ...as('hospital-a'));
}

const statusOf = async (): Promise<string | undefined> => {
  const { dAppRelease } = await system.data<{ dAppRelease: { status: string } | null }>(
    'operator:hospital-b',
    'query($dapp: ID!, $version: String!) { dAppRelease(dapp: $dapp, version: $version) { status } }',
    { dapp, version },
  );
  return dAppRelease?.status;
};

const mine = `{ appointments_myAppointments {
  id status payment { status }
  slot { status schedule { id } }
  schedule { service institution { id } practitioner { id } }
  patient { active }
} }`;

test('an application goes from a stranger’s folder to a patient’s query, while streams of others go on', async () => {
  const client = createClient({
    url: system.url.replace('http', 'ws'),
    webSocketImpl: WebSocket,
    connectionParams: { authorization: `Bearer ${await system.token(self)}` },
  });
  const changes = client.iterate<{ consentChanged: { consent: { id: string } } }>({
    query: 'subscription { consentChanged { consent { id } } }',
  });
  const heard = changes.next();

  expect(codesOf(await system.ask(self, mine))).toEqual(['GRAPHQL_VALIDATION_FAILED']);
  await publish();
  await eventually('the checks', statusOf, (status) => status === 'CHECKED');
  // One of them by the command, the others as their programs would.
  const [first = '', ...others] = reviewers;
  await command('approve', dapp, version, ...as(`operator:${first}`));
  const approve = 'mutation($input: DAppVersionInput!) { approveDApp(input: $input) { release { status } } }';
  for (const reviewer of others)
    await system.data(`operator:${reviewer}`, approve, { input: { dapp, version } });
  await eventually('the run', statusOf, (status) => status === 'ACTIVE');
  expect(await command('versions', dapp, ...as('hospital-a'))).toContain('1.0.0  active');
  await eventually(
    'the graph',
    () => system.ask(self, mine),
    (answer) => codesOf(answer).every((code) => code === 'DAPP_NOT_INSTALLED'),
  );

  const install =
    'mutation($input: InstallDAppInput!) { installDApp(input: $input) { installation { status } } }';
  await system.data(self, install, { input: { dapp, scopes: [] } });
  await system.data('operator:hospital-a', install, {
    input: { dapp, scopes: [], institution: 'hospital-a' },
  });
  const terms = {
    id: 'cardio',
    institution: 'hospital-a',
    practitioner: 'dr-b',
    service: 'Cardiology',
    slotMinutes: 30,
  };
  await system.data(
    'hospital-a',
    'mutation($terms: Appointments_ScheduleTermsInput!) { appointments_openSchedule(terms: $terms) { result { id } } }',
    { terms },
  );
  const day = new Date(Date.now() + 86_400_000).toISOString().slice(0, 10);
  const { appointments_offerSlots } = await system.data<{
    appointments_offerSlots: { result: { id: string }[] };
  }>(
    'hospital-a',
    'mutation($from: DateTime!, $until: DateTime!) { appointments_offerSlots(schedule: "cardio", from: $from, until: $until) { result { id } } }',
    { from: `${day}T09:00:00.000Z`, until: `${day}T10:00:00.000Z` },
  );
  const slot = appointments_offerSlots.result[0]?.id;
  await system.data(
    self,
    'mutation($slot: String!) { appointments_book(slot: $slot) { result { id status } transaction { id } } }',
    { slot },
  );
  expect(await system.data(self, mine)).toMatchObject({
    appointments_myAppointments: [
      {
        status: 'booked',
        payment: { status: 'none' },
        slot: { status: 'busy', schedule: { id: 'cardio' } },
        schedule: { service: 'Cardiology', institution: { id: 'hospital-a' }, practitioner: { id: 'dr-b' } },
        patient: { active: true },
      },
    ],
  });

  // Its back end, with the secret that its publisher is shown once, needs no installation of its own.
  const shown = await command('client-credentials', 'issue', dapp, ...as('hospital-a'));
  const [, endpoint = ''] = /^token endpoint +(\S+)$/m.exec(shown) ?? [];
  const [, secret = ''] = /^secret +(\S+)$/m.exec(shown) ?? [];
  const form = { grant_type: 'client_credentials', scope: 'medigraph', client_id: `dapp:${dapp}` };
  const body = new URLSearchParams({ ...form, client_secret: secret });
  const { access_token: token } = (await (await fetch(endpoint, { method: 'POST', body })).json()) as {
    access_token: string;
  };
  expect(await system.send('{"query":"{ appointments_version }"}', token)).toMatchObject({
    data: { appointments_version: version },
  });
  await eventually(
    'the counts',
    () => command('metrics', dapp, ...as('hospital-a')),
    (told) => /Appointments:book +fewer than 5 callers/.test(told),
  );

  // What was open before the graph was another one still tells.
  await system.data(
    'hospital-a',
    'mutation($input: RequestAccessInput!) { requestAccess(input: $input) { consent { id } } }',
    { input: { patient, provision: { purpose: ['TREAT'] } } },
  );
  expect((await heard).value).toMatchObject({ data: { consentChanged: { consent: {} } } });
  await client.dispose();
}, 120_000);

/** Publishes the application as a version whose graph lacks one more evaluation; what the command prints. */
async function publishWithout(evaluation: string, next: string): Promise<string> {
  const folder = path.join(settings, `without-${next}`);
  await cp(appointments, folder, {
    recursive: true,
    filter: (name) => !/node_modules|dist|\.test\.ts$/.test(name),
  });
  await symlink(
    fileURLToPath(new URL('../../../node_modules', import.meta.url)),
    path.join(folder, 'node_modules'),
  );
  const file = path.join(folder, 'medigraph.json');
  const manifest = JSON.parse(await readFile(file, 'utf8')) as { graph: { hidden: string[] } };
  const graph = { ...manifest.graph, hidden: [...manifest.graph.hidden, evaluation] };
  await writeFile(file, JSON.stringify({ ...manifest, version: next, graph }));
  return command(
    'publish',
    '--folder',
    folder,
    '--key',
    'examples',
    '--until',
    'checked',
    ...as('hospital-a'),
  );
}

test('what patients have asked for stays: a version without it is refused, one without something else is not', async () => {
  await expect(publishWithout('Appointments:mine', '1.0.1')).rejects.toMatchObject({
    stdout: expect.stringMatching(
      /error +CLIENTS_BROKEN at Query\.appointments_myAppointments: .* Clients have sent what needs it .*20\d\d-/,
    ) as unknown,
    stderr: expect.stringContaining('RELEASE_REFUSED') as unknown,
  });
  expect(await publishWithout('Appointments:ofDay', '1.0.2')).toMatch(/note +GRAPH_CHANGED: .*dayOfSchedule/);
}, 60_000);

test('an organisation says by what rules it wants to review, and what it does not say stays', async () => {
  const inForce = /^4 of HospitalAMSP, .*; no version may break what clients send$/m;
  expect(await command('policy', 'show', ...as('hospital-a'))).toMatch(inForce);
  const propose = (role: string, ...rules: string[]) => command('policy', 'propose', ...rules, ...as(role));
  await expect(propose('operator:insurer-a')).rejects.toMatchObject({
    stderr: expect.stringContaining('POLICY_UNSAID') as unknown,
  });
  const proposed = await propose('operator:insurer-a', '--majors-may-break');
  expect(proposed).toMatch(inForce);
  expect(proposed).toMatch(/InsurerAMSP wants since .*: 4 of HospitalAMSP, .*; major versions may break/);
}, 60_000);

test('a publisher takes another key, and revokes it', async () => {
  const keys = (name: string, publisher: string, ...args: string[]) =>
    command('keys', name, ...args, '--publisher', publisher, ...as('hospital-a'));
  const own = 'medigraph-examples';
  const refusal = (code: string) => ({ stderr: expect.stringContaining(code) as unknown });
  const [, kid = ''] = /^kid +(\S+)$/m.exec(await command('keys', 'create', 'spare')) ?? [];

  const added = await keys('add', own, 'spare');
  expect(added.match(/active since/g)).toHaveLength(2);
  expect(added).toContain(`${kid}  active since`);
  expect(await keys('revoke', own, '--kid', kid)).toContain(`${kid}  revoked since`);
  expect(await keys('registered', own)).toMatch(/active since[\s\S]*revoked since/);
  // A thumbprint may begin with a hyphen, and is no option then.
  await expect(keys('revoke', own, '--kid', `-${'A'.repeat(42)}`)).rejects.toMatchObject(
    refusal('PUBLISHER_KEY_UNKNOWN'),
  );
  await expect(keys('registered', 'nobody')).rejects.toMatchObject(refusal('PUBLISHER_NOT_FOUND'));
}, 60_000);

testHostileDApps(() => ({ system, patient, query: mine, folder: settings, eventsPerSecond }));

test('it runs again after everything was stopped', async () => {
  await system.stop();
  await system.startAgain();
  await eventually(
    'the graph',
    () => system.ask<{ appointments_myAppointments: unknown[] }>(self, mine),
    ({ data }) => data?.appointments_myAppointments.length === 1,
    60_000,
  );
}, 120_000);

test('who has uninstalled it finds nothing; what the regulator revokes is gone for everybody', async () => {
  await system.data(
    self,
    'mutation($input: UninstallDAppInput!) { uninstallDApp(input: $input) { installation { status } } }',
    { input: { dapp } },
  );
  expect(codesOf(await system.ask(self, mine))).toEqual(['DAPP_NOT_INSTALLED']);
  await system.data(
    'regulator',
    'mutation($input: RevokeDAppInput!) { revokeDApp(input: $input) { dApp { status } } }',
    { input: { dapp, reason: 'It harms patients.' } },
  );
  await eventually(
    'the graph without it',
    () => system.ask(self, mine),
    (answer) => codesOf(answer).includes('GRAPHQL_VALIDATION_FAILED'),
  );
}, 60_000);
