import { loadPopulation, type LoadProgress, readPopulation } from '@medigraph/corpus';
import { type Configuration } from '@medigraph/platform/config';
import { createEnvelopeService } from '@medigraph/platform/envelope';
import { connectLedger, loadConnectionProfile } from '@medigraph/platform/ledger';
import { openIdentity } from './platform/identity.js';
import { type Heights, notingHeights } from './read-models.js';
import { loadedPopulation, noteLoadedPopulation } from './sample-patients.js';

/** Nobody waits for an answer of a load; on a busy machine its large batches take their time, and giving one up ends it. */
const patienceMs = 120_000;

/** What was loaded and how fast. */
export interface PopulationLoad {
  readonly patients: number;
  readonly records: number;
  readonly seconds: number;
  /** Last block written, by channel. */
  readonly heights: Heights;
}

/**
 * Puts a population on the ledger and notes that in the marker file. Run again after it was interrupted, it goes on
 * where it stopped; undefined if that population is loaded already.
 */
export async function loadSamplePopulation(options: {
  readonly folder: string;
  readonly markerFile: string;
  readonly configuration: Configuration;
  readonly onProgress: (progress: LoadProgress) => void;
  readonly signal: AbortSignal;
}): Promise<PopulationLoad | undefined> {
  const { folder, markerFile, configuration, onProgress, signal } = options;
  const population = await readPopulation(folder);
  const name = population.manifest.directory.sha256;
  if ((await loadedPopulation(markerFile))?.population === name) return undefined;
  const profile = await loadConnectionProfile(configuration.connectionProfile);
  const { custody } = await openIdentity(configuration, profile);
  const { ledger, heights } = notingHeights(
    connectLedger(profile, {
      organization: configuration.organization,
      deadlines: {
        evaluate: patienceMs,
        endorse: patienceMs,
        submit: patienceMs,
        commitStatus: patienceMs,
      },
    }),
  );
  const start = performance.now();
  try {
    const summary = await loadPopulation({
      population,
      ledger,
      custody,
      envelopes: createEnvelopeService(),
      profile,
      onProgress,
      signal,
    });
    const seconds = (performance.now() - start) / 1000;
    await noteLoadedPopulation(markerFile, { population: name, patients: summary.addresses });
    return { patients: summary.patients, records: summary.entries + summary.claims, seconds, heights };
  } finally {
    await ledger.close();
  }
}
