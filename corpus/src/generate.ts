import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Bundle } from 'fhir/r4.js';
import { CorpusOptionError } from './errors.js';
import { type Manifest } from './population/manifest.js';
import { PopulationWriter } from './population/population-writer.js';
import { BundleConverter } from './synthea/convert.js';
import { defaultCacheFolder, fetchSynthea, runSynthea, syntheaVersion } from './synthea/synthea.js';

/** What was done so far of one phase; `total` is the least to expect. */
export interface GenerationProgress {
  readonly phase: 'fetching' | 'generating' | 'converting';
  readonly done: number;
  readonly total: number;
}

export interface GenerateOptions {
  /** People alive at the reference date; those who died on the way come besides. */
  readonly patients: number;
  /** Same seed, same bytes. Default {@link defaultSeed}. */
  readonly seed?: number;
  /** Folder to write to: new, empty, or a population that is replaced. */
  readonly out: string;
  /** Years of records before the reference date or death, 0 for whole lives. Default 10. */
  readonly years?: number;
  /** Where Synthea is kept. Default: the user's cache folder. */
  readonly cache?: string;
  readonly onProgress?: (progress: GenerationProgress) => void;
  readonly signal?: AbortSignal;
}

/** The seed of the population that comes with Medigraph. */
export const defaultSeed = 5;

const defaultYears = 10;
const referenceDate = '2026-01-01';

/**
 * Makes a population with Synthea: fetched once by Maven, run by Java, offline. Takes a patient at a time from Synthea's
 * output, so memory does not grow with their number; disk is needed for all of it meanwhile, about 3 MB a patient.
 *
 * @throws a `CorpusError`; nothing is left at `out` but what was there.
 */
export async function generateCorpus(options: GenerateOptions): Promise<Manifest> {
  const { patients, signal, onProgress } = options;
  const seed = options.seed ?? defaultSeed;
  const years = options.years ?? defaultYears;
  requireWhole('patients', patients, 1, 1_000_000);
  requireWhole('seed', seed, 0, Number.MAX_SAFE_INTEGER);
  requireWhole('years', years, 0, 150);
  const report = (phase: GenerationProgress['phase'], done: number, total: number): void =>
    onProgress?.({ phase, done, total });

  const writer = await PopulationWriter.open(options.out);
  const output = await mkdtemp(path.join(tmpdir(), 'medigraph-synthea-'));
  try {
    report('fetching', 0, 1);
    const library = await fetchSynthea(options.cache ?? defaultCacheFolder(), signal);
    report('fetching', 1, 1);
    let made = 0;
    report('generating', made, patients);
    const person = (): void => report('generating', ++made, patients);
    await runSynthea(
      library,
      output,
      { seed, patients, referenceDate, yearsOfHistory: years },
      { person, ...(signal && { signal }) },
    );
    const converter = await convertAll(path.join(output, 'fhir'), writer, (done, total) => {
      signal?.throwIfAborted();
      report('converting', done, total);
    });
    return await writer.finish(converter.directory(), {
      generator: {
        name: 'Synthea',
        version: syntheaVersion,
        seed,
        livingPatients: patients,
        referenceDate,
        yearsOfHistory: years,
      },
      command: `npm run corpus -- --patients ${patients} --seed ${seed} --years ${years}`,
    });
  } catch (error) {
    await writer.discard();
    throw error;
  } finally {
    await rm(output, { recursive: true, force: true });
  }
}

async function convertAll(
  folder: string,
  writer: PopulationWriter,
  report: (done: number, total: number) => void,
): Promise<BundleConverter> {
  const names = (await readdir(folder)).sort();
  const isShared = (name: string): boolean => /^(hospital|practitioner)Information\d*\.json$/.test(name);
  const converter = new BundleConverter(
    await Promise.all(names.filter(isShared).map((name) => readBundle(path.join(folder, name)))),
  );
  const records = names.filter((name) => !isShared(name));
  for (const [index, name] of records.entries()) {
    const file = path.join(folder, name);
    await writer.add(converter.convert(await readBundle(file)));
    await rm(file);
    report(index + 1, records.length);
  }
  return converter;
}

async function readBundle(file: string): Promise<Bundle> {
  return JSON.parse(await readFile(file, 'utf8')) as Bundle;
}

function requireWhole(name: string, value: number, least: number, most: number): void {
  if (Number.isSafeInteger(value) && value >= least && value <= most) return;
  throw new CorpusOptionError(`--${name} must be a whole number from ${least} to ${most}`);
}
