import { setTimeout as delay } from 'node:timers/promises';
import { StoredBlocks } from '@medigraph/embedded-ledger';
import { checkpoints } from '../system/read-models.js';
import { eventually } from '../system/eventually.js';
import { check, type Checked, RoundFailedError } from './check.js';
import { type FaultySystem } from './faulty-system.js';
import { type Outcome } from './outcomes.js';
import { Random } from './random.js';
import { type Fault, partNames, type Round } from './schedule.js';

/** What a round came to, all of it right. */
export interface RoundReport {
  readonly faults: readonly { readonly fault: Fault; readonly note: string }[];
  /** Of this round. */
  readonly outcomes: readonly Outcome[];
  readonly checked: Checked;
  readonly seconds: number;
  /** From the end of the load until every kind of write was VALID again. */
  readonly recoverySeconds: number;
}

/** Milliseconds that a system may take to work again after everything runs. */
const recoveryMs = 60_000;

/**
 * Puts the system under load while the round's faults happen to it, has everything run again, and checks everything.
 * @param earlier - Outcomes of earlier rounds on the same data; what was committed then must still be so.
 * @throws RoundFailedError, or what a part says that does not start again.
 */
export async function playRound(
  system: FaultySystem,
  seed: number,
  round: Round,
  earlier: readonly Outcome[],
): Promise<RoundReport> {
  const begin = performance.now();
  await recovered(system);
  const over = new AbortController();
  const loading = system.load.run(over.signal);
  const faults = Promise.all(
    round.faults.map(async (fault, index) => {
      await delay(fault.at);
      return { fault, note: await system.suffer(fault, new Random(seed, round.number, index)) };
    }),
  );
  // Whatever fails, the load is ended first: it must not outlive the round.
  const happened = await Promise.all([faults, delay(round.loadMs)]).finally(() => over.abort());
  const outcomes = await loading;
  const ended = performance.now();
  const probed = await recovered(system);
  const recoverySeconds = (performance.now() - ended) / 1000;
  requireNoFailure(system);
  await quiet(system, round.endsWithKill ? 'SIGKILL' : 'SIGTERM');
  const checked = await check(system, [...earlier, ...outcomes, ...probed], () =>
    system.parts.revive('ledger'),
  );
  requireNoFailure(system);
  return {
    faults: happened[0],
    outcomes: [...outcomes, ...probed],
    checked,
    seconds: (performance.now() - begin) / 1000,
    recoverySeconds,
  };
}

function requireNoFailure({ parts }: FaultySystem): void {
  if (parts.failure !== undefined) throw new RoundFailedError(parts.failure);
}

/** Waits until every part runs and every kind of write is VALID again; answers all that was tried. */
async function recovered(system: FaultySystem): Promise<Outcome[]> {
  for (const name of partNames) await system.parts.revive(name);
  const probes: Outcome[] = [];
  await eventually(
    'every kind of write is VALID again',
    async () => {
      requireNoFailure(system);
      const outcomes = await system.load.probe();
      probes.push(...outcomes);
      return outcomes;
    },
    (outcomes) => outcomes.every(({ said }) => said === 'valid'),
    recoveryMs,
  );
  return probes;
}

/** Takes the ledger away once the read models have come to its end. */
async function quiet(system: FaultySystem, signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
  const deadline = performance.now() + recoveryMs;
  for (;;) {
    await system.parts.take('ledger', signal);
    const ends = await endsOf(system);
    const reached = await eventually(
      'read models',
      async () => isAt(await checkpoints(system), ends),
      (isAtEnd) => isAtEnd,
      500,
    ).catch(() => false);
    if (reached) return;
    // A transaction of an unknown outcome was committed at the last moment: they need the ledger to hear of it.
    if (performance.now() > deadline)
      throw new RoundFailedError(
        `the read models do not come to the end of the ledger: ${JSON.stringify([await checkpoints(system), ends])}`,
      );
    await system.parts.revive('ledger');
    await eventually(
      'the read models come to the end of the ledger',
      async () => isAt(await checkpoints(system), ends),
      (isAtEnd) => isAtEnd,
      recoveryMs,
    );
  }
}

type Ends = Readonly<Record<string, number>>;

/** Last block of each channel. */
async function endsOf({ stored }: FaultySystem): Promise<Ends> {
  const blocks = await StoredBlocks.open(stored);
  try {
    return Object.fromEntries([...blocks.heights].map(([channel, height]) => [channel, height - 1]));
  } finally {
    await blocks.close();
  }
}

const isAt = (found: Ends, ends: Ends): boolean =>
  Object.entries(ends).every(([channel, last]) => (found[channel] ?? -1) >= last);
