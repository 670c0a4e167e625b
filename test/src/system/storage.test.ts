import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { haemoglobin } from '@medigraph/launcher';
import { MongoClient } from 'mongodb';
import { addEntry, grant, registerInstitutions, registerPatient } from './case.js';
import { eventually } from './eventually.js';
import { addFile, atFiles, codeOf } from './files.js';
import { codesOf, RunningSystem } from './running-system.js';

let system: RunningSystem;

beforeAll(async () => {
  system = await RunningSystem.start();
  await registerInstitutions(system);
}, 120_000);

afterAll(() => system.close());

const purposes = { 'insurer-a': 'COVAUTH', 'insurer-b': 'COVAUTH', 'hospital-b': 'TREAT' } as const;
type Grantee = keyof typeof purposes;

async function request(patient: string, grantee: Grantee): Promise<string> {
  const { requestAccess } = await system.data<{ requestAccess: { consent: { id: string } } }>(
    grantee,
    'mutation($input: RequestAccessInput!) { requestAccess(input: $input) { consent { id } } }',
    { input: { patient, provision: { purpose: [purposes[grantee]] } } },
  );
  return requestAccess.consent.id;
}

const revoke = (patient: string, consent: string) =>
  system.data(
    `patient:${patient}`,
    'mutation($input: EndConsentInput!) { revokeAccess(input: $input) { consent { id } } }',
    { input: { consent } },
  );

async function addOwn(patient: string): Promise<string> {
  const { addPersonalEntries } = await system.data<{ addPersonalEntries: { entries: [{ id: string }] } }>(
    `patient:${patient}`,
    'mutation($input: AddPersonalEntriesInput!) { addPersonalEntries(input: $input) { entries { id } } }',
    { input: { resources: [haemoglobin(patient)] } },
  );
  return addPersonalEntries.entries[0].id;
}

/** The code of why not, or `read`. */
async function reading(who: string, entry: string): Promise<string> {
  const answer = await system.ask<{ entry: { resource: object | null } | null }>(
    who,
    'query($id: ID!) { entry(id: $id) { resource } }',
    { id: entry },
  );
  if (answer.data?.entry?.resource) return 'read';
  return codesOf(answer)[0] ?? 'not there';
}

describe('whoever is granted access at the moment of writing has a key', () => {
  test('of a record and of a file that the patient adds after the grant', async () => {
    const patient = await registerPatient(system);
    await grant(system, patient, await request(patient, 'insurer-a'));
    const entry = await addOwn(patient);
    expect(await reading('insurer-a', entry)).toBe('read');
    expect(await reading('insurer-b', entry)).toBe('not there');
    const bytes = randomBytes(100_000);
    const file = await addFile(
      system,
      `patient:${patient}`,
      { name: 'a', contentType: 'image/png', date: '2026-01-01', category: 'IMAGING' },
      bytes,
    );
    const read = await atFiles(system, 'insurer-a', file.attachment.url);
    expect(Buffer.from(await read.arrayBuffer()).equals(bytes)).toBe(true);
  });

  test('while two grants, a revocation, an authorisation and two additions race: none missing, none left', async () => {
    for (let round = 0; round < 4; round += 1) {
      const patient = await registerPatient(system);
      const [first, second, third] = await Promise.all([
        request(patient, 'insurer-a'),
        request(patient, 'insurer-b'),
        request(patient, 'hospital-b'),
      ]);
      const before = await addEntry(system, patient);
      await grant(system, patient, first);
      const [clinical, own, another] = await Promise.all([
        addEntry(system, patient),
        addOwn(patient),
        addOwn(patient),
        grant(system, patient, second),
        grant(system, patient, third),
        revoke(patient, first),
      ]);
      for (const entry of [before, clinical, own, another]) {
        const outcomes = await Promise.all(
          (Object.keys(purposes) as Grantee[]).map(async (who) => [who, await reading(who, entry)]),
        );
        expect({ round, ...Object.fromEntries(outcomes) }).toEqual({
          round,
          'insurer-a': 'not there',
          'insurer-b': 'read',
          'hospital-b': 'read',
        });
      }
    }
  }, 120_000);
});

describe('an entry that is erased', () => {
  const erase = (who: string, entry: string) =>
    system.ask(
      who,
      'mutation($input: EraseEntryInput!) { eraseEntry(input: $input) { erasure { id erasedBy } } }',
      { input: { entry } },
    );

  test('is there for nobody any more, with its file', async () => {
    const patient = await registerPatient(system);
    await grant(system, patient, await request(patient, 'insurer-a'));
    const file = await addFile(
      system,
      `patient:${patient}`,
      { name: 'a', contentType: 'image/png', date: '2026-01-01' },
      randomBytes(1_500_000),
    );
    for (const who of ['insurer-a', 'hospital-a', 'insurer-b'])
      expect(codesOf(await erase(who, file.id))).not.toEqual([]);
    expect((await erase(`patient:${patient}`, file.id)).data).toEqual({
      eraseEntry: { erasure: { id: file.id, erasedBy: patient } },
    });
    for (const who of [`patient:${patient}`, 'insurer-a', 'hospital-a']) {
      expect(await reading(who, file.id)).toBe('not there');
      const read = await atFiles(system, who, file.attachment.url);
      expect([read.status, await codeOf(read)]).toEqual([404, 'ENTRY_NOT_FOUND']);
    }
    expect(codesOf(await erase(`patient:${patient}`, file.id))).toEqual(['ENTRY_NOT_FOUND']);
  });

  test('is the patient’s to erase; the holder’s while it is not authorised', async () => {
    const patient = await registerPatient(system);
    const entry = await addEntry(system, patient);
    expect(codesOf(await erase('hospital-a', entry))).toEqual(['ENTRY_STATE_INVALID']);
    expect(codesOf(await erase(`patient:${patient}`, entry))).toEqual([]);
    expect(await reading('hospital-a', entry)).toBe('not there');
  });
});

describe('a resource that comes in parts', () => {
  test('is there whole or not at all when the platform is killed meanwhile, and whole once it is sent again', async () => {
    const patient = await registerPatient(system);
    await system.data(
      `patient:${patient}`,
      'mutation { authorizeStorage(input: { institutions: ["hospital-a"] }) { transaction { id } } }',
    );
    const letter = {
      resourceType: 'DocumentReference',
      status: 'current',
      date: '2026-03-01T10:00:00Z',
      content: [
        {
          attachment: { contentType: 'application/pdf', data: randomBytes(3_000_000).toString('base64') },
        },
      ],
    };
    const send = async (): Promise<string[]> => {
      const response = await fetch(new URL(`/imports/${patient}`, system.url), {
        method: 'POST',
        headers: {
          authorization: `Bearer ${await system.token('hospital-a')}`,
          'content-type': 'application/fhir+ndjson',
        },
        body: JSON.stringify(letter),
      });
      const lines = (await response.text()).trim().split('\n');
      return lines.map((line) => JSON.stringify(JSON.parse(line)));
    };
    const documents = await MongoClient.connect(system.medigraph.configuration.mongodbUri);
    try {
      const drafts = async () => {
        const { databases } = await documents.db().admin().listDatabases();
        const own = databases.filter(({ name }) => name.endsWith('_drafts'));
        const counts = own.map(({ name }) => documents.db(name).collection('drafts').countDocuments());
        return (await Promise.all(counts)).reduce((sum, count) => sum + count, 0);
      };
      const broken = send().catch(() => []);
      await eventually('it is begun', drafts, (count) => count === 1, 30_000);
      process.kill(system.pid('platform'), 'SIGKILL');
      await broken;
      const told = await eventually(
        'it is stored after the kill',
        () => send().catch(() => []),
        (lines) => lines.some((line) => /"(STORED|EXISTING)","entry"/.test(line)),
        60_000,
        // Whoever began it is taken for dead half a minute later, and each try is megabytes.
        1_000,
      );
      const { entry = '' } = JSON.parse(told[0] ?? '{}') as { entry?: string };
      const { entry: read } = await system.data<{ entry: { resource: object } }>(
        `patient:${patient}`,
        'query($id: ID!) { entry(id: $id) { resource } }',
        { id: entry },
      );
      expect(read.resource).toEqual(letter);
      expect(await drafts()).toBe(0);
    } finally {
      await documents.close();
    }
  }, 120_000);
});
