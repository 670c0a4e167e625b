import { type Command, Option } from 'commander';
import { runTests, testFiles } from '../build/run-tests.js';
import { CommandFailure } from '../command-failure.js';

/** A network that has a DApp on it, for its tests alone. */
export interface TestNetwork {
  /** What tests are told where it is with. */
  readonly environment: Readonly<Record<string, string>>;
  /** Aborts where the command is told to end. */
  readonly interrupted: AbortSignal;
  stop(): Promise<void>;
}

/** @see addTestCommand */
export interface TestCommandOptions {
  /** Starts a network with the DApp of a folder; says what it does. */
  readonly startNetwork: (folder: string, onPhase: (what: string) => void) => Promise<TestNetwork>;
}

interface Chosen {
  readonly folder: string;
  readonly unit: boolean;
  readonly integration: boolean;
}

const say = (what: string) => process.stdout.write(`${what}\n`);

/** @throws {@link CommandFailure} `TESTS_MISSING`, `TESTS_FAILED`; whatever keeps the DApp from running. */
async function test(
  { folder, unit: unitAlone, integration: integrationAlone }: Chosen,
  { startNetwork }: TestCommandOptions,
): Promise<void> {
  const { unit, integration } = await testFiles(folder);
  const files = [...(integrationAlone ? [] : unit), ...(unitAlone ? [] : integration)];
  if (files.length === 0)
    throw new CommandFailure('TESTS_MISSING', `there are no such tests (src/*.test.ts) in ${folder}`);
  if (!integrationAlone) await runTests({ folder, files: unit });
  if (unitAlone || integration.length === 0) return;
  const network = await startNetwork(folder, (what) => say(`${what} …`));
  try {
    const { environment, interrupted: signal } = network;
    await runTests({ folder, files: integration, environment, signal });
  } finally {
    await network.stop();
  }
}

/** `medigraph dapp test`. */
export function addTestCommand(dapp: Command, options: TestCommandOptions): void {
  dapp
    .command('test')
    .description(
      'run the tests of its contracts (src/*.test.ts), then those of the DApp on a network of its own (src/*.integration.test.ts)',
    )
    .option('--folder <folder>', 'folder of the DApp', '.')
    .addOption(new Option('--unit', 'those of contracts alone').default(false).conflicts('integration'))
    .option('--integration', 'those on a network alone', false)
    .action((chosen: Chosen) => test(chosen, options));
}
