/** A package's own tests, run on its contracts as they will run; then all that the contracts did is done again elsewhere. */
import { type Divergence } from '@medigraph/chaincode-lib/testing';
import { z } from 'zod';
import { type CheckLimits, defaultCheckLimits } from '../limits.js';
import { type GuestReport } from '../report.js';
import { type Frame, frameKind, type TestEvent, type TestProgram } from '../wire/frames.js';
import { testReporter } from './guest-files.js';
import { runCheck } from './check-process.js';
import { type GuestSurroundings } from './spawn-guest.js';

/** @see runPackageTests */
export interface TestedPackage {
  readonly dapp: string;
  readonly version: string;
  /** Name of the bundle, for stacks. */
  readonly file: string;
  /** CommonJS that exports `contracts`. */
  readonly bundle: string;
  /** CommonJS that has tests of `node:test`. */
  readonly tests: string;
}

/** What tests came to. */
export interface PackageTestResult {
  readonly passed: number;
  /** Tests that failed, the first of them; names joined with ` > `. */
  readonly failed: readonly { readonly name: string; readonly reason: string }[];
  /** Why the tests were stopped, or could not be begun. */
  readonly report?: GuestReport;
  /** Transactions that the tests asked for. */
  readonly transactions: ReadonlySet<string>;
  /** Runs that came to something else when they were repeated in other surroundings. */
  readonly divergences: readonly Divergence[];
}

/** As in production. */
const ordinary: GuestSurroundings = {
  arguments: [`--test-reporter=${testReporter}`, '--test-reporter-destination=stdout'],
};
/** Another place: the other end of the day, z before t and numbers written otherwise, other seeds of chance, a stack of another depth. */
const elsewhere: GuestSurroundings = {
  environment: { TZ: 'Pacific/Kiritimati', LANG: 'et_EE.UTF-8', LC_ALL: 'et_EE.UTF-8' },
  arguments: ['--random-seed=20011', '--hash-seed=30011', '--stack-size=600'],
};

// What such a process says is not to be believed, not even in its shape.
const said = z.string().max(10_000);
const testEvent = z.object({ path: z.array(said).max(100), passed: z.boolean(), reason: said.optional() });
const recordedName = z.object({ name: said });
const divergence = z.object({
  name: said,
  what: z.enum(['reads', 'writes', 'event', 'result', 'outcome']),
  key: said.optional(),
});

const mostFailures = 20;
const mostDivergences = 20;
const readyTest = 'the process is ready';

/** Runs the tests of a package. Whatever they do, they end, and nothing else notices. */
export async function runPackageTests(
  { dapp, version, file, bundle, tests }: TestedPackage,
  limits: CheckLimits = defaultCheckLimits,
): Promise<PackageTestResult> {
  const program: TestProgram = { name: dapp, version, file, bundle };
  const heard = new Heard(limits);
  const report = await runCheck({
    frames: [
      [frameKind.test, JSON.stringify({ ...program, tests })],
      [frameKind.end, ''],
    ],
    surroundings: ordinary,
    limits,
    onFrame: (frame) => heard.take(frame),
  });
  const { passed, failed, transactions } = heard;
  if (report !== undefined || heard.report !== undefined || failed.length > 0)
    return { passed, failed, transactions, divergences: [], report: report ?? heard.report };
  const divergences: Divergence[] = [];
  const repeated = new Heard(limits, divergences);
  const failure = await runCheck({
    frames: [
      [frameKind.test, JSON.stringify(program)],
      ...heard.recorded.map((run) => [frameKind.recorded, run] as const),
      [frameKind.end, ''],
    ],
    surroundings: elsewhere,
    limits,
    onFrame: (frame) => repeated.take(frame),
  });
  return { passed, failed, transactions, divergences, report: failure ?? repeated.report };
}

/** What a process of checks says. None of it can be believed but that it is about itself. */
class Heard {
  passed = 0;
  readonly failed: { name: string; reason: string }[] = [];
  readonly recorded: string[] = [];
  readonly transactions = new Set<string>();
  report: GuestReport | undefined;
  readonly #limits: CheckLimits;
  readonly #divergences: Divergence[];
  #recordedBytes = 0;

  constructor(limits: CheckLimits, divergences: Divergence[] = []) {
    this.#limits = limits;
    this.#divergences = divergences;
  }

  take({ kind, payload }: Frame): GuestReport | undefined {
    try {
      this.#take(kind, payload.toString());
      return undefined;
    } catch {
      return { code: 'PROTOCOL_VIOLATION', message: 'the tests broke out of their protocol' };
    }
  }

  #take(kind: number, text: string): void {
    switch (kind) {
      case frameKind.tested:
        this.#tested(testEvent.parse(JSON.parse(text)));
        return;
      case frameKind.recorded: {
        const { name } = recordedName.parse(JSON.parse(text));
        this.#recordedBytes += text.length;
        const { recordedBytes, recordedRuns } = this.#limits;
        if (this.#recordedBytes > recordedBytes || this.recorded.length >= recordedRuns) return;
        this.transactions.add(name);
        this.recorded.push(text);
        return;
      }
      case frameKind.diverged:
        if (this.#divergences.length < mostDivergences)
          this.#divergences.push(divergence.parse(JSON.parse(text)));
        return;
      case frameKind.loadFailed:
        this.report ??= { code: 'LOAD_FAILED', message: text };
        return;
      case frameKind.violation:
      case frameKind.end:
        return;
      default:
        throw new Error('no frame of a process of checks');
    }
  }

  #tested({ path, passed, reason }: TestEvent): void {
    const name = path.join(' > ');
    if (name === readyTest) return;
    if (passed) this.passed += 1;
    else if (this.failed.length < mostFailures) this.failed.push({ name, reason: reason ?? 'it failed' });
  }
}
