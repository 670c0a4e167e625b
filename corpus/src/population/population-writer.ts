import { mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type FhirResource } from 'fhir/r4.js';
import { CorpusGenerationError, CorpusOutputError } from '../errors.js';
import { manifestName, readManifest, type Manifest } from './manifest.js';
import { writeResources } from './ndjson-file.js';
import { type Directory, type PatientRecord } from './records.js';

/** How the population was made, as its manifest says. */
export type Provenance = Pick<Manifest, 'generator' | 'command'>;

/** Writes a population beside its folder and moves it there when it is whole. */
export class PopulationWriter {
  readonly #folder: string;
  readonly #draft: string;
  readonly #records: Manifest['records'] = [];
  readonly #counts = new Map<string, number>();

  private constructor(folder: string) {
    this.#folder = folder;
    this.#draft = `${folder}.draft`;
  }

  /** @throws {@link CorpusOutputError} if the folder holds something that is no population. */
  static async open(folder: string): Promise<PopulationWriter> {
    const resolved = path.resolve(folder);
    await requireReplaceable(resolved);
    const writer = new PopulationWriter(resolved);
    await rm(writer.#draft, { recursive: true, force: true });
    await mkdir(writer.#draft, { recursive: true });
    return writer;
  }

  async add(record: PatientRecord): Promise<void> {
    const { id } = record.patient;
    if (id === undefined) throw new CorpusGenerationError('a generated patient has no id');
    const resources = [record.patient, ...record.resources, ...record.coverages, ...record.claims];
    const file = await writeResources(this.#draft, `patients/${id}.ndjson.br`, resources);
    this.#records.push({ patient: id, ...file });
    this.#count(resources);
  }

  /** Writes directory and manifest, and puts the population in its place. */
  async finish(directory: Directory, provenance: Provenance): Promise<Manifest> {
    const { organizations, payers, locations, practitioners, roles } = directory;
    const resources = [...organizations, ...payers, ...locations, ...practitioners, ...roles];
    const file = await writeResources(this.#draft, 'directory.ndjson.br', resources);
    this.#count(resources);
    const manifest: Manifest = {
      format: 'medigraph-population/1',
      ...provenance,
      patients: this.#records.length,
      counts: Object.fromEntries([...this.#counts].sort(([a], [b]) => (a < b ? -1 : 1))),
      directory: file,
      records: this.#records.sort((a, b) => (a.patient < b.patient ? -1 : 1)),
    };
    await writeFile(path.join(this.#draft, manifestName), `${JSON.stringify(manifest, null, 2)}\n`);
    await requireReplaceable(this.#folder);
    await rm(this.#folder, { recursive: true, force: true });
    await rename(this.#draft, this.#folder);
    return manifest;
  }

  /** Takes back what was written. */
  async discard(): Promise<void> {
    await rm(this.#draft, { recursive: true, force: true });
  }

  #count(resources: readonly FhirResource[]): void {
    for (const { resourceType } of resources) {
      this.#counts.set(resourceType, (this.#counts.get(resourceType) ?? 0) + 1);
    }
  }
}

/** Only what is known to be a population may be replaced. */
async function requireReplaceable(folder: string): Promise<void> {
  const found = await stat(folder).catch(() => undefined);
  if (found === undefined) return;
  if (!found.isDirectory()) throw new CorpusOutputError(folder);
  if ((await readdir(folder)).length === 0) return;
  await readManifest(folder).catch((error: unknown) => {
    throw new CorpusOutputError(folder, { cause: error });
  });
}
