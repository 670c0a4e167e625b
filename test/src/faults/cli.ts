import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { FaultySystem } from './faulty-system.js';
import { type Outcome } from './outcomes.js';
import { playRound, type RoundReport } from './play-round.js';
import { describeFault, faultKinds, type Round, roundOf, seasonOf, type Season } from './schedule.js';
import { SmallDisk } from './small-disk.js';
import { Tally } from './tally.js';

const usage = `Usage: npm run faults -- [--rounds N] [--seed S] [--first R]

Runs the whole embedded system under load while its parts are killed, their last writes torn, the disk filled, their clocks
moved and the contract suites stopped for a while; and checks after each round that the ledger is whole, that every answer
is true, and that state and read models are what the blocks come to. Ten rounds share a system and its data.

  --rounds N  rounds to play, 20
  --seed S    names what happens when; the same for the same seed; by default a new one
  --first R   number of the first round, 1; best the first of a season: 1, 11, 21, …
  --help      this text

Disk full needs a file system of its own: where mounting one is not permitted, these faults are counted as skipped. A round
that fails keeps its data, says where, and how to play it again.
`;

const say = (line: string) => process.stdout.write(`${line}\n`);
const megabytes = 192;

/** A failure of one round, with its number. */
class SeasonFailedError extends Error {
  constructor(
    readonly round: number,
    cause: unknown,
  ) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

function wholeNumber(name: string, text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new RangeError(`--${name} must be a whole number, not '${text}'`);
  return Number(text);
}

/** Plays the rounds of one season from `first` to `last` on one system. @throws SeasonFailedError. */
async function playSeason(seed: number, { first, last, isOnSmallDisk }: Season, tally: Tally): Promise<void> {
  const folder = await mkdtemp(path.join(tmpdir(), 'medigraph-faults-'));
  const disk = isOnSmallDisk ? await SmallDisk.mount(path.join(folder, 'disk'), megabytes) : undefined;
  let keep = false;
  let number = first;
  try {
    const system = await FaultySystem.start(folder, disk);
    try {
      const earlier: Outcome[] = [];
      for (; number <= last; number += 1) {
        const round = roundOf(seed, number);
        const report = await playRound(system, seed, round, earlier);
        earlier.push(...report.outcomes);
        tally.add(report);
        say(describeRound(round, report));
      }
    } finally {
      await system.stop();
    }
  } catch (error) {
    keep = true;
    for (const fault of roundOf(seed, number).faults) say(`      ${describeFault(fault)}`);
    const kept = disk ? `${folder}-kept` : folder;
    if (disk) await cp(folder, kept, { recursive: true });
    say(`      kept in ${kept}`);
    throw new SeasonFailedError(number, error);
  } finally {
    await disk?.unmount();
    if (!keep || disk) await rm(folder, { recursive: true, force: true });
  }
}

function describeRound({ number, faults }: Round, report: RoundReport): string {
  const said = (what: Outcome['said']) => report.outcomes.filter((outcome) => outcome.said === what).length;
  const notes = report.faults.map(({ note }) => note).filter((note) => note !== '');
  return [
    `${String(number).padStart(4)}  ${report.seconds.toFixed(1)} s, recovered in ${report.recoverySeconds.toFixed(1)} s; ${said('valid')} valid, ${said('invalid')} invalid, ` +
      `${said('refused')} refused, ${said('unknown')} unknown; ${report.checked.transactions} transactions, ` +
      `${report.checked.signatures} signatures, ${report.checked.documents} documents right`,
    `      ${faults.map(describeFault).join('; ')}`,
    ...notes.map((note) => `      ${note}`),
  ].join('\n');
}

/** The `faults` command. Answers its exit code. */
export async function main(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rounds: { type: 'string', default: '20' },
      seed: { type: 'string', default: String(Date.now() % 1_000_000) },
      first: { type: 'string', default: '1' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help === true) {
    process.stdout.write(usage);
    return 0;
  }
  const seed = wholeNumber('seed', values.seed);
  const first = Math.max(1, wholeNumber('first', values.first));
  const last = first + wholeNumber('rounds', values.rounds) - 1;
  say(`seed ${seed}, rounds ${first} to ${last}; faults: ${faultKinds.join(', ')}`);
  const tally = new Tally();
  try {
    for (let number = first; number <= last;) {
      const season = seasonOf(number);
      await playSeason(seed, { ...season, first: number, last: Math.min(last, season.last) }, tally);
      number = season.last + 1;
    }
  } catch (error) {
    if (!(error instanceof SeasonFailedError)) throw error;
    const from = Math.max(first, seasonOf(error.round).first);
    say(`round ${error.round} failed: ${error.message}`);
    say(`again: npm run faults -- --seed ${seed} --first ${from} --rounds ${error.round - from + 1}`);
    say(tally.summary());
    return 1;
  }
  say(tally.summary());
  return 0;
}
