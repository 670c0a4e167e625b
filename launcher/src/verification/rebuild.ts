import { type Documents } from '@medigraph/platform/documents';
import { readModelsOf } from '@medigraph/platform/graph';
import { type ConnectionProfile, type LedgerClient, readBlock } from '@medigraph/platform/ledger';
import { createProjector } from '@medigraph/platform/projection';
import { type StoredBlocks } from '@medigraph/embedded-ledger';
import { CommandError } from '../errors.js';
import { subgraphs } from '../platform/subgraphs.js';

/** Follows blocks that lie on disk, to their last one; then waits for the signal, as at the end of a chain. */
function followStored(stored: StoredBlocks): Pick<LedgerClient, 'blocks'> {
  return {
    async *blocks(channel, start, signal) {
      for await (const bytes of stored.read(channel, start)) {
        if (signal.aborted) return;
        yield readBlock(channel, bytes);
      }
      await new Promise<void>((resolve) => {
        if (signal.aborted) resolve();
        signal.addEventListener('abort', () => resolve(), { once: true });
      });
    },
  };
}

/** How long one step forward of a read model may take, in milliseconds. */
const patienceMs = 60_000;

/**
 * Brings a subgraph's read models to the end of the ledger, from wherever they stand.
 * @throws {@link CommandError} `READ_MODELS_FAILED` if they cannot be written.
 */
export async function bringToEnd(
  subgraph: string,
  documents: Documents,
  network: ConnectionProfile,
  stored: StoredBlocks,
): Promise<void> {
  const maker = subgraphs[subgraph];
  if (maker === undefined) throw new RangeError(`there is no subgraph ${subgraph}`);
  const made = maker.create({ documents, network });
  const { projections } = readModelsOf(made, { documents, network });
  let fail: (error: unknown) => void = () => undefined;
  const failed = new Promise<never>((_, reject) => (fail = reject));
  const projector = createProjector({
    name: made.name,
    ledger: followStored(stored),
    connection: documents.connection,
    projections,
    onFailure: (error) => fail(error),
  });
  const ends = [...stored.heights].filter(([channel]) =>
    projections.some(({ channels }) => channels.includes(channel)),
  );
  try {
    await projector.start();
    const reaching = ends.map(async ([channel, height]) => {
      let applied = -1;
      while (!(await projector.reached(channel, height - 1, patienceMs))) {
        const { [channel]: now = -1 } = await projector.checkpoints();
        if (now === applied) throw new Error(`nothing was applied for ${patienceMs / 1000} s`);
        applied = now;
      }
    });
    await Promise.race([Promise.all(reaching), failed]);
  } catch (error) {
    throw new CommandError(
      'READ_MODELS_FAILED',
      `The read models of ${subgraph} could not be written: ${error instanceof Error ? error.message : String(error)}`,
      { cause: error },
    );
  } finally {
    await projector.stop();
  }
}
