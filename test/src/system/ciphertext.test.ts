import { randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { loadConnectionProfile, organizationIdentity } from '@medigraph/platform/ledger';
import { playStory, type Story } from '@medigraph/launcher';
import { ClassicLevel } from 'classic-level';
import { addEntry, registerPatient } from './case.js';
import { rawBlocks } from './raw-blocks.js';
import { addFile, beginUpload, sendBytes } from './files.js';
import { checkpoints } from './read-models.js';
import { RunningSystem } from './running-system.js';

const identifier = `MRN-${randomUUID()}`;
const person = {
  resourceType: 'Patient',
  name: [{ use: 'official', family: 'Quartermaine', given: ['Philippa'] }],
  birthDate: '1957-11-23',
  gender: 'female',
};
/** What was said in records and claims, and must be readable nowhere. */
const secrets = [
  identifier,
  'Quartermaine',
  'Philippa',
  '1957-11-23',
  '718-7',
  'http://loinc.org',
  'Hemoglobin',
  // As JSON and as BSON have it: four letters alone stand in many a key by chance.
  '"g/dL"',
  'g/dL\0',
  '185349003',
  '26604007',
  'http://snomed.info/sct',
  'Encounter for check up',
  'Complete blood count',
  'Coverage of the story',
  'tomography-of-the-left-knee.dcm',
  'application/x-secret-imaging',
  'pixels of the left knee',
];

/** A text as it may stand somewhere: plain, in hex, or in base64 at each of three alignments. */
function formsOf(text: string): string[] {
  const bytes = Buffer.from(text);
  const inBase64 = [0, 1, 2].map((offset) => {
    const encoded = Buffer.concat([Buffer.alloc(offset), bytes])
      .toString('base64')
      .replace(/=+$/, '');
    // First and last characters depend on the neighbours, too.
    return encoded.slice(
      offset === 0 ? 0 : offset + 1,
      bytes.length % 3 === 0 && offset === 0 ? undefined : -1,
    );
  });
  return [text, bytes.toString('hex'), ...inBase64.filter((form) => form.length >= 8)];
}

const found = (texts: Iterable<Uint8Array>, needles: readonly string[]): string[] => {
  const hits = new Set<string>();
  const forms = needles.map((needle) => ({
    needle,
    forms: formsOf(needle).map((form) => Buffer.from(form)),
  }));
  for (const text of texts) {
    const bytes = Buffer.from(text.buffer, text.byteOffset, text.byteLength);
    for (const { needle, forms: each } of forms)
      if (each.some((form) => bytes.includes(form))) hits.add(needle);
  }
  return [...hits];
};

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name));
}

let system: RunningSystem;
let story: Story;
let patient: string;

beforeAll(async () => {
  system = await RunningSystem.start();
  story = await playStory(
    system.url,
    (role) => system.token(role),
    () => undefined,
  );
  patient = await registerPatient(system, identifier);
  await addEntry(system, patient, person);
  // More than a segment, so that some of it was also kept as the end of what had been sent.
  const pixels = Buffer.alloc(1_500_000, 'pixels of the left knee ');
  const scan = {
    name: 'tomography-of-the-left-knee.dcm',
    contentType: 'application/x-secret-imaging',
    date: '2026-02-03',
  };
  await addFile(system, `patient:${patient}`, scan, pixels);
  const unfinished = await beginUpload(system, `patient:${patient}`, { ...scan, size: 2 * pixels.length });
  expect((await sendBytes(system, `patient:${patient}`, unfinished.url, 0, pixels)).status).toBe(204);
  expect(await system.data(`patient:${patient}`, `{ patient(id: "${patient}") { name birthDate } }`)).toEqual(
    {
      patient: { name: 'Philippa Quartermaine', birthDate: '1957-11-23' },
    },
  );
}, 120_000);

afterAll(() => system.close());

test('the search finds what is there, in every form', () => {
  for (const text of ['Hemoglobin', '718-7', identifier]) {
    for (const before of ['', 'a', 'ab']) {
      const whole = Buffer.from(`${before}${text} and more`);
      expect(found([whole], [text])).toEqual([text]);
      expect(found([Buffer.from(whole.toString('hex'))], [text])).toEqual([text]);
      if (text.length > 10) expect(found([Buffer.from(whole.toString('base64'))], [text])).toEqual([text]);
    }
  }
});

test('no block of any channel says what a record or a claim says', async () => {
  const profile = await loadConnectionProfile(path.join(system.folder, 'network', 'connection.json'));
  const blocks: Uint8Array[] = [];
  for (const [channel, { organizations }] of Object.entries(profile.channels)) {
    const last = (await checkpoints(system))[channel];
    if (last === undefined) throw new Error(`no read model follows ${channel}`);
    const [mspId = ''] = organizations;
    const peer = profile.organizations[mspId]?.peers[0]?.address ?? '';
    blocks.push(...(await rawBlocks(peer, organizationIdentity(profile, mspId), channel, last)));
  }
  expect(found(blocks, [patient, story.record.entry.split(':').at(-1) ?? ''])).toHaveLength(2);
  expect(found(blocks, secrets)).toEqual([]);
});

test('nothing at rest says it: ledger, documents, logs', async () => {
  await system.stop();
  for (const part of ['ledger', 'documents', 'logs', 'custody', 'network']) {
    const files = await filesBelow(path.join(system.folder, part));
    expect(files).not.toEqual([]);
    for (const file of files)
      expect({ file, says: found([await readFile(file)], secrets) }).toEqual({ file, says: [] });
  }
  // The files are compressed; so look at what is in them, too.
  for (const part of ['ledger', 'documents']) {
    const files = await filesBelow(path.join(system.folder, part));
    const databases = files
      .filter((file) => path.basename(file) === 'CURRENT')
      .map((file) => path.dirname(file));
    expect(databases).not.toEqual([]);
    const values: Uint8Array[] = [];
    for (const folder of databases) {
      const level = new ClassicLevel<Uint8Array, Uint8Array>(folder, {
        createIfMissing: false,
        keyEncoding: 'view',
        valueEncoding: 'view',
      });
      for await (const [key, value] of level.iterator()) values.push(key, value);
      await level.close();
    }
    expect({ part, knows: found(values, [patient]) }).toEqual({ part, knows: [patient] });
    expect({ part, says: found(values, secrets) }).toEqual({ part, says: [] });
  }
});
