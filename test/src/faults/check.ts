import path from 'node:path';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { startDocuments } from '@medigraph/embedded-documents';
import { type StoredLedger, verifyStoredLedger } from '@medigraph/embedded-ledger';
import { verifyReadModels } from '@medigraph/launcher/verification';
import { type FaultySystem } from './faulty-system.js';
import { committedUnknown, disagreements, type Outcome, readOutcomes } from './outcomes.js';

/** What was checked and found right. */
export interface Checked {
  readonly transactions: number;
  readonly signatures: number;
  readonly documents: number;
  /** Writes of unknown outcome that are committed. */
  readonly committedUnknown: number;
}

/** The system is not as it must be. */
export class RoundFailedError extends Error {}

/**
 * Checks a system whose ledger is down and whose read models have come to its end: all that `medigraph ledger verify` does,
 * and every answer that a client was given. The ledger is checked as a copy.
 * @param onCompared - Called when the system is needed no more. Until then the ledger must stay down: the platform may hold
 * a transaction of unknown outcome, which it submits when it can.
 * @throws {@link RoundFailedError} saying what is wrong.
 */
export async function check(
  system: FaultySystem,
  outcomes: readonly Outcome[],
  onCompared: () => Promise<void>,
): Promise<Checked> {
  const scratchFolder = await mkdtemp(path.join(tmpdir(), 'medigraph-faults-check-'));
  try {
    const stored = { ...system.stored, dataFolder: path.join(scratchFolder, 'ledger') };
    await cp(system.stored.dataFolder, stored.dataFolder, { recursive: true });
    const documents = await checkReadModels(system, stored, path.join(scratchFolder, 'documents'));
    const [checked] = await Promise.all([checkLedger(stored, scratchFolder, outcomes), onCompared()]);
    return { ...checked, documents };
  } finally {
    await rm(scratchFolder, { recursive: true, force: true });
  }
}

/** Answers how many documents were compared. */
async function checkReadModels(
  { profile, mongodbUri }: FaultySystem,
  stored: StoredLedger,
  dataDir: string,
): Promise<number> {
  const rebuilt = await startDocuments({ dataDir });
  try {
    const readModels = await verifyReadModels({
      stored,
      network: profile,
      kept: mongodbUri,
      rebuilt: rebuilt.uri,
      catchUp: false,
    });
    for (const { subgraph, broken } of readModels)
      if (broken !== undefined) throw new RoundFailedError(`read models of ${subgraph}: ${broken}`);
    return sum(readModels.map(({ documents }) => documents));
  } finally {
    await rebuilt.close();
  }
}

async function checkLedger(
  stored: StoredLedger,
  scratchFolder: string,
  outcomes: readonly Outcome[],
): Promise<Omit<Checked, 'documents'>> {
  const channels = await verifyStoredLedger({ ...stored, scratchFolder });
  for (const { channel, broken, disregarded } of channels) {
    if (broken) throw new RoundFailedError(`${channel}, block ${broken.block ?? 'any'}: ${broken.reason}`);
    if (disregarded > 0) throw new RoundFailedError(`${channel}: ${disregarded} signatures are not genuine`);
  }
  const onLedger = await readOutcomes(stored);
  const [wrong, ...more] = disagreements(outcomes, onLedger);
  if (wrong !== undefined) throw new RoundFailedError(`${wrong} (and ${more.length} more)`);
  return {
    transactions: sum(channels.map(({ transactions }) => transactions)),
    signatures: sum(channels.map(({ signatures }) => signatures)),
    committedUnknown: committedUnknown(outcomes, onLedger),
  };
}

const sum = (counts: readonly number[]): number => counts.reduce((total, count) => total + count, 0);
