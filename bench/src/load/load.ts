import { cp, mkdir } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadPopulation, type Population, readPopulation } from '@medigraph/corpus';
import { DataFolder, embeddedParts, LogFiles, startEmbedded, Supervisor } from '@medigraph/launcher';
import { createEnvelopeService } from '@medigraph/platform/envelope';
import { openKeyCustody, SealedStore } from '@medigraph/platform/identity';
import { type ConnectionProfile, connectLedger, loadConnectionProfile } from '@medigraph/platform/ledger';
import { type Bench, type BenchOptions } from '../bench.js';
import { withTemporaryFolder } from '../temporary-folder.js';
import { RecordingLedger, type RecordedStep } from './recording-ledger.js';
import { replay } from './replay.js';

const populationFolder = fileURLToPath(
  new URL('data', import.meta.resolve('@medigraph/corpus/package.json')),
);

/** Runs an embedded ledger with its contracts and nothing else, as long as the work takes. */
async function withLedger<T>(
  data: DataFolder,
  say: BenchOptions['say'],
  work: (profile: ConnectionProfile) => Promise<T>,
): Promise<T> {
  await mkdir(data.path, { recursive: true });
  const logs = await LogFiles.open(data.logs, embeddedParts);
  const supervisor = new Supervisor(say);
  try {
    // No documents: a load writes to the ledger alone.
    const given = { mongodbUri: 'mongodb://unused' };
    const { connectionProfile } = await startEmbedded(supervisor, data, logs, given);
    return await work(await loadConnectionProfile(connectionProfile));
  } finally {
    await supervisor.stop();
    await logs.close();
  }
}

/** The first patients of a population. */
function shortened(population: Population, patients: number): Population {
  return {
    ...population,
    async *patients() {
      let left = patients;
      for await (const record of population.patients()) {
        if (left-- === 0) return;
        yield record;
      }
    },
  };
}

/** In milliseconds: patient, like the peer, which has none. A loaded machine makes the figure worse, not the bench fail. */
const deadlines = { evaluate: 120_000, endorse: 120_000, submit: 120_000, commitStatus: 120_000 };

interface Load {
  readonly seconds: number;
  readonly resources: number;
  readonly steps: readonly RecordedStep[];
}

async function load(data: DataFolder, profile: ConnectionProfile, population: Population): Promise<Load> {
  const custody = openKeyCustody({ store: await SealedStore.open({ folder: data.custody }), profile });
  const ledger = new RecordingLedger(connectLedger(profile, { deadlines }));
  try {
    const envelopes = createEnvelopeService();
    const begin = performance.now();
    const summary = await loadPopulation({ population, ledger, custody, envelopes, profile });
    const seconds = (performance.now() - begin) / 1000;
    return { seconds, resources: summary.entries + summary.claims, steps: ledger.steps };
  } finally {
    await ledger.close();
  }
}

/**
 * The sample population onto an empty ledger: read, checked, mapped, sealed, enrolled and submitted. The peer submits the very
 * same transactions, sealed beforehand, to another empty ledger of the same organisations.
 */
export const loadBench: Bench = {
  summary: 'resources a second of the sample population against submitting what was sealed beforehand',
  run: ({ quick, say }) =>
    withTemporaryFolder(async (folder) => {
      const whole = await readPopulation(populationFolder);
      const population = quick ? shortened(whole, 2) : whole;
      const ours = new DataFolder(path.join(folder, 'ours'));
      const { seconds, resources, steps } = await withLedger(ours, say, (profile) =>
        load(ours, profile, population),
      );
      say(`${resources} resources loaded in ${seconds.toFixed(1)} s`);
      const peers = new DataFolder(path.join(folder, 'peer'));
      await cp(ours.network, peers.network, { recursive: true });
      const peerSeconds = await withLedger(peers, say, async (profile) => {
        const begin = performance.now();
        await replay(steps, profile);
        return (performance.now() - begin) / 1000;
      });
      say(
        `the bare client submitted the same ${steps.length / 2} transactions in ${peerSeconds.toFixed(1)} s`,
      );
      return [
        {
          bench: 'load',
          figure: 'resources',
          value: resources / seconds,
          unit: 'resources/s',
          peer: 'bare @hyperledger/fabric-gateway client, the same transactions sealed beforehand',
          ratio: peerSeconds / seconds,
          n: resources,
        },
      ];
    }),
};
