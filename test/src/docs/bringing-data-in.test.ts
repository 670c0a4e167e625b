import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { haemoglobin } from '@medigraph/launcher';
import { createProgram } from '@medigraph/launcher/program';
import { settings } from '@medigraph/platform/config';
import { careTransactions } from '@medigraph/schema';
import { eventually } from '../system/eventually.js';
import { RunningSystem } from '../system/running-system.js';

const run = promisify(execFile);
const guide = fileURLToPath(new URL('../../../docs/guides/bringing-data-in.md', import.meta.url));
const cli = fileURLToPath(new URL('../../../launcher/dist/cli.js', import.meta.url));

let text: string;
beforeAll(async () => {
  text = await readFile(guide, 'utf8');
});

describe('the guide to bringing data in', () => {
  test('has only commands that there are, with all that they need', () => {
    const lines = text.split('\n').filter((line) => line.startsWith('medigraph import '));
    expect(lines).toHaveLength(3);
    for (const line of lines) {
      const [, name, ...args] = line.split(' ');
      const command = createProgram().commands.find((one) => one.name() === name);
      const { unknown, operands } = command?.parseOptions(args) ?? {};
      expect({ line, unknown, operands: operands?.length }).toEqual({ line, unknown: [], operands: 1 });
      expect(command?.opts()).toMatchObject({ as: 'hospital-a', patient: 'ADDRESS' });
    }
  });

  test('names only transactions and settings that there are', () => {
    const named = (pattern: RegExp) => [...text.matchAll(pattern)].map(([, name]) => name);
    const transactions = named(/`((?:Imports|Contributions):\w+)`/g);
    expect(transactions.length).toBeGreaterThan(0);
    expect(Object.keys(careTransactions)).toEqual(expect.arrayContaining(transactions));
    const variables = named(/`(MEDIGRAPH_\w+)`/g);
    expect(variables.length).toBeGreaterThan(0);
    expect(Object.values(settings).map(({ variable }) => variable)).toEqual(
      expect.arrayContaining(variables),
    );
  });
});

describe('what the guide says', () => {
  let system: RunningSystem;
  let patient: string;

  /** The query of the guide that has this in it. */
  function query(word: string): string {
    const found = [...text.matchAll(/```graphql\n([\s\S]*?)```/g)].find(([, one]) => one?.includes(word));
    if (found?.[1] === undefined) throw new Error(`The guide has no query with ${word}`);
    return found[1];
  }

  beforeAll(async () => {
    system = await RunningSystem.start();
    for (const id of ['hospital-a', 'hospital-b'])
      await system.data(
        `operator:${id}`,
        'mutation ($input: RegisterInstitutionInput!) { registerInstitution(input: $input) { institution { id } } }',
        { input: { id, name: id, kind: 'HOSPITAL' } },
      );
    const { registerPatient } = await system.data<{ registerPatient: { patient: { id: string } } }>(
      'hospital-a',
      'mutation { registerPatient(input: { identifier: "MRN-1" }) { patient { id } } }',
    );
    patient = registerPatient.patient.id;
  }, 120_000);
  afterAll(async () => {
    await system.close();
  });

  test('a stream that is sent to the router is imported', async () => {
    await system.data(`patient:${patient}`, query('authorizeStorage'));
    const [, target = ''] = /http:\/\/127\.0\.0\.1:4000(\/imports\/)ADDRESS/.exec(text) ?? [];
    const response = await fetch(new URL(`${target}${patient}?source=old-system`, system.url), {
      method: 'POST',
      headers: {
        authorization: `Bearer ${await system.token('hospital-a')}`,
        'content-type': 'application/fhir+ndjson',
      },
      body: `${JSON.stringify(haemoglobin('MRN-1'))}\n${JSON.stringify(haemoglobin('MRN-2'))}\n`,
    });
    const lines = (await response.text()).trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line) as object)).toMatchObject([
      { location: 'line 1', status: 'STORED' },
      {
        location: 'line 2',
        status: 'REFUSED',
        issues: [{ expression: ['Observation.subject.reference'] }],
      },
      { STORED: 1, EXISTING: 0, REFUSED: 1 },
    ]);
  });

  test('a device with credentials of its own brings what the patient lets it', async () => {
    const [, description = ''] = /```json\n([\s\S]*?)```/.exec(text) ?? [];
    await writeFile(path.join(system.folder, 'watch.json'), description);
    const [, command = ''] = /^medigraph (client add .*)$/m.exec(text) ?? [];
    const { stdout } = await run(
      process.execPath,
      ['--no-warnings', cli, ...command.split(' '), '--data', system.folder],
      { cwd: system.folder },
    );
    const token = await tokenOf('watch', (JSON.parse(stdout) as { secret: string }).secret);
    const batch = {
      query: query('contributeEntries'),
      variables: { patient, resources: [haemoglobin(patient)] },
    };
    const contribute = async () =>
      system.send<{ contributeEntries: { stored: boolean; entries: string[] } }>(
        JSON.stringify(batch),
        token,
      );
    expect((await contribute()).errors?.[0]?.extensions?.code).toBe('PATIENT_NOT_FOUND');
    await system.data(`patient:${patient}`, query('authorizeContributor'));
    const taken = (await contribute()).data?.contributeEntries;
    expect(taken?.stored).toBe(true);
    expect((await contribute()).data?.contributeEntries).toEqual({ ...taken, stored: false });
    const { entry } = await eventually(
      'the entry',
      () =>
        system.data<{ entry: object | null }>(`patient:${patient}`, query('provenance {'), {
          id: taken?.entries[0],
        }),
      (answer) => answer.entry !== null,
    );
    expect(entry).toMatchObject({
      provenance: {
        agent: { kind: 'DEVICE', id: 'watch' },
        onBehalfOf: { id: 'hospital-b' },
        method: 'MEASURED',
        source: 'watch-cloud',
        trust: 'SUBSTANTIAL',
        resource: { resourceType: 'Provenance' },
      },
    });
  });

  async function tokenOf(client: string, secret: string): Promise<string> {
    const { issuer } = system.medigraph;
    const discovery = await fetch(new URL('.well-known/openid-configuration', `${issuer}/`));
    const { token_endpoint: endpoint } = (await discovery.json()) as { token_endpoint: string };
    const answer = await fetch(endpoint, {
      method: 'POST',
      headers: { authorization: `Basic ${Buffer.from(`${client}:${secret}`).toString('base64')}` },
      body: new URLSearchParams({ grant_type: 'client_credentials', scope: 'medigraph' }),
    });
    return ((await answer.json()) as { access_token: string }).access_token;
  }
});
