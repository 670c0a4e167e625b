import { mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type FhirResource } from 'fhir/r4.js';
import { CorpusOutputError, PopulationInvalidError } from '../errors.js';
import { readPopulation } from './population.js';
import { PopulationWriter } from './population-writer.js';
import { payerNamed, type Directory, type PatientRecord } from './records.js';

const directory: Directory = {
  organizations: [{ resourceType: 'Organization', id: 'o1' }],
  locations: [{ resourceType: 'Location', id: 'l1' }],
  practitioners: [{ resourceType: 'Practitioner', id: 'd1' }],
  roles: [{ resourceType: 'PractitionerRole', id: 'r1' }],
  payers: [payerNamed('Humana')],
};
const provenance = {
  generator: {
    name: 'Synthea',
    version: '0',
    seed: 1,
    livingPatients: 2,
    referenceDate: '2026-01-01',
    yearsOfHistory: 10,
  },
  command: 'none',
} as const;

function recordOf(id: string): PatientRecord {
  const observation: FhirResource = { resourceType: 'Observation', id: `${id}-1`, status: 'final', code: {} };
  return { patient: { resourceType: 'Patient', id }, resources: [observation], coverages: [], claims: [] };
}

let root: string;
let folder: string;

beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'medigraph-population-'));
  folder = path.join(root, 'population');
});
afterEach(() => rm(root, { recursive: true, force: true }));

async function write(...ids: string[]): Promise<void> {
  const writer = await PopulationWriter.open(folder);
  for (const id of ids) await writer.add(recordOf(id));
  await writer.finish(directory, provenance);
}

async function readAll(): Promise<PatientRecord[]> {
  const population = await readPopulation(folder);
  const records: PatientRecord[] = [];
  for await (const record of population.patients()) records.push(record);
  return records;
}

test('reads back what was written, in the order of ids', async () => {
  await write('p2', 'p1');
  const population = await readPopulation(folder);
  expect(population.directory).toEqual(directory);
  expect(population.manifest).toMatchObject({
    patients: 2,
    counts: { Observation: 2, Organization: 2, Patient: 2 },
  });
  expect(await readAll()).toEqual([recordOf('p1'), recordOf('p2')]);
});

test('writes the same bytes for the same records', async () => {
  await write('p1', 'p2');
  const first = await readFile(path.join(folder, 'manifest.json'), 'utf8');
  await write('p1', 'p2');
  expect(await readFile(path.join(folder, 'manifest.json'), 'utf8')).toBe(first);
});

describe('refuses, naming the file,', () => {
  const record = 'patients/p1.ndjson.br';
  const refusal = async (file: string, problem: RegExp): Promise<void> => {
    const reading = readAll();
    await expect(reading).rejects.toThrow(PopulationInvalidError);
    await expect(reading).rejects.toMatchObject({
      code: 'POPULATION_INVALID',
      file: path.join(folder, file),
      message: expect.stringMatching(problem) as string,
    });
  };
  beforeEach(() => write('p1'));

  test('a record that is cut off', async () => {
    await truncate(path.join(folder, record), 10);
    await refusal(record, /10 bytes/);
  });

  test('a record that was altered', async () => {
    const bytes = await readFile(path.join(folder, record));
    bytes[5] = (bytes[5] ?? 0) ^ 1;
    await writeFile(path.join(folder, record), bytes);
    await refusal(record, /SHA-256/);
  });

  test('a record that is gone', async () => {
    await rm(path.join(folder, record));
    await refusal(record, /cannot be read/);
  });

  test('a directory that was altered', async () => {
    await truncate(path.join(folder, 'directory.ndjson.br'), 3);
    await refusal('directory.ndjson.br', /3 bytes/);
  });

  test.each<[string, (manifest: string) => string, RegExp]>([
    ['that is no JSON', (manifest) => manifest.slice(0, -20), /not JSON/],
    ['of another format', (manifest) => manifest.replace('population/1', 'population/2'), /format/],
    ['that leads out of the folder', (manifest) => manifest.replace(record, '../secret'), /path/],
  ])('a manifest %s', async (_what, alter, problem) => {
    const name = path.join(folder, 'manifest.json');
    await writeFile(name, alter(await readFile(name, 'utf8')));
    await refusal('manifest.json', problem);
  });

  test('a record that unpacks to more than the manifest says', async () => {
    const name = path.join(folder, 'manifest.json');
    const text = (await readFile(name, 'utf8')).replaceAll(/"contentBytes": \d+/g, '"contentBytes": 10');
    await writeFile(name, text);
    await refusal('directory.ndjson.br', /does not unpack/);
  });

  test('a record about someone else', async () => {
    const name = path.join(folder, 'manifest.json');
    await writeFile(name, (await readFile(name, 'utf8')).replace('"patient": "p1"', '"patient": "p9"'));
    await refusal(record, /is not about p9/);
  });
});

describe('PopulationWriter', () => {
  test('never replaces what is no population', async () => {
    await writeFile(path.join(root, 'manifest.json'), '{"name":"someone else’s"}');
    await expect(PopulationWriter.open(root)).rejects.toThrow(CorpusOutputError);
    await expect(PopulationWriter.open(path.join(root, 'manifest.json'))).rejects.toThrow(CorpusOutputError);
  });

  test('leaves the folder as it was until all is written', async () => {
    await write('p1');
    const writer = await PopulationWriter.open(folder);
    await writer.add(recordOf('p2'));
    await writer.discard();
    expect(await readAll()).toEqual([recordOf('p1')]);
  });
});
