import path from 'node:path';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { startDocuments } from '@medigraph/embedded-documents';
import { type StoredLedger, verifyStoredLedger } from '@medigraph/embedded-ledger';
import { verifyReadModels } from '@medigraph/launcher';
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
 * and every answer that a client was given. The ledger is copied first; what comes after leaves the system alone.
 * @throws {@link RoundFailedError} saying what is wrong.
 */
export async function check(
  system: FaultySystem,
  outcomes: readonly Outcome[],
  onCopied: () => Promise<void>,
): Promise<Checked> {
  const scratchFolder = await mkdtemp(path.join(tmpdir(), 'medigraph-faults-check-'));
  try {
    const stored = { ...system.stored, dataFolder: path.join(scratchFolder, 'ledger') };
    await cp(system.stored.dataFolder, stored.dataFolder, { recursive: true });
    const [checked] = await Promise.all([checkCopy(system, stored, scratchFolder, outcomes), onCopied()]);
    return checked;
  } finally {
    await rm(scratchFolder, { recursive: true, force: true });
  }
}

async function checkCopy(
  { profile, mongodbUri }: FaultySystem,
  stored: StoredLedger,
  scratchFolder: string,
  outcomes: readonly Outcome[],
): Promise<Checked> {
  const channels = await verifyStoredLedger({ ...stored, scratchFolder });
  for (const { channel, broken, disregarded } of channels) {
    if (broken) throw new RoundFailedError(`${channel}, block ${broken.block ?? 'any'}: ${broken.reason}`);
    if (disregarded > 0) throw new RoundFailedError(`${channel}: ${disregarded} signatures are not genuine`);
  }
  const onLedger = await readOutcomes(stored);
  const [wrong, ...more] = disagreements(outcomes, onLedger);
  if (wrong !== undefined) throw new RoundFailedError(`${wrong} (and ${more.length} more)`);
  const rebuilt = await startDocuments({ dataDir: path.join(scratchFolder, 'documents') });
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
    const sum = (counts: readonly number[]) => counts.reduce((total, count) => total + count, 0);
    return {
      transactions: sum(channels.map(({ transactions }) => transactions)),
      signatures: sum(channels.map(({ signatures }) => signatures)),
      documents: sum(readModels.map(({ documents }) => documents)),
      committedUnknown: committedUnknown(outcomes, onLedger),
    };
  } finally {
    await rebuilt.close();
  }
}
