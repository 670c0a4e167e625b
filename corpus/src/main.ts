import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { PlatformError } from '@medigraph/platform/errors';
import { CorpusOptionError } from './errors.js';
import { defaultSeed, generateCorpus, type GenerationProgress } from './generate.js';

const usage = `Usage: corpus generate --patients N [--seed N] [--years N] [--out DIR] [--cache DIR]

Makes a synthetic population with Synthea (FHIR R4, fixed seed, offline once fetched).
Needs Java 11 or newer and, the first time, Maven.

  --patients N  people alive at the end; those who died come besides
  --seed N      same seed, same bytes (default ${defaultSeed})
  --years N     years of records, 0 for whole lives (default 10)
  --out DIR     folder to write (default ./population)
  --cache DIR   where Synthea is kept (default: the user's cache folder)
`;

const options = {
  patients: { type: 'string' },
  seed: { type: 'string' },
  years: { type: 'string' },
  out: { type: 'string' },
  cache: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const;

function show({ phase, done, total }: GenerationProgress): void {
  const line = `${phase} ${done} of ${Math.max(done, total)}`;
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${line}${done >= total ? '\n' : ''}`);
  else if (done === 0 || done >= total || done % 100 === 0) process.stderr.write(`${line}\n`);
}

function wholeNumber(name: string, text: string): number {
  if (/^\d+$/.test(text)) return Number(text);
  throw new CorpusOptionError(`--${name} must be a whole number, not ${text}`);
}

async function generate(args: readonly string[], signal: AbortSignal): Promise<void> {
  let values;
  try {
    ({ values } = parseArgs({ args: [...args], options }));
  } catch (error) {
    throw new CorpusOptionError(error instanceof Error ? error.message : String(error), { cause: error });
  }
  if (values.help === true) {
    process.stdout.write(usage);
    return;
  }
  if (values.patients === undefined) throw new CorpusOptionError('--patients is missing; see --help');
  const out = path.resolve(values.out ?? 'population');
  const manifest = await generateCorpus({
    patients: wholeNumber('patients', values.patients),
    out,
    ...(values.seed !== undefined && { seed: wholeNumber('seed', values.seed) }),
    ...(values.years !== undefined && { years: wholeNumber('years', values.years) }),
    ...(values.cache !== undefined && { cache: path.resolve(values.cache) }),
    onProgress: show,
    signal,
  });
  const resources = Object.values(manifest.counts).reduce((sum, count) => sum + count, 0);
  process.stdout.write(`${out}: ${manifest.patients} patients, ${resources} resources\n`);
}

/**
 * The `corpus` command: `generate …`, or its options alone.
 *
 * @returns the status to exit with.
 */
export async function main(args: readonly string[]): Promise<number> {
  const [command, ...rest] = args;
  if (command === undefined || command === '--help' || command === '-h') {
    process.stdout.write(usage);
    return 0;
  }
  const interruption = new AbortController();
  const interrupt = (): void => interruption.abort();
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
  try {
    if (command !== 'generate' && !command.startsWith('--')) {
      throw new CorpusOptionError(`unknown command ${command}; see --help`);
    }
    await generate(command === 'generate' ? rest : args, interruption.signal);
    return 0;
  } catch (error) {
    if (interruption.signal.aborted) process.stderr.write('interrupted; nothing was written\n');
    else if (error instanceof PlatformError) process.stderr.write(`${error.code}: ${error.message}\n`);
    else throw error;
    return interruption.signal.aborted ? 130 : 1;
  } finally {
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  process.exitCode = await main(process.argv.slice(2));
}
