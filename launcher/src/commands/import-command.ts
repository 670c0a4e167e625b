import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { type Command } from 'commander';
import { defaultDataFolder } from '../data-folder.js';
import { CommandError } from '../errors.js';
import { type FileOutcome, type ImportCounts } from '../imports/import-file.js';
import { formatOf } from '../imports/file-format.js';
import { roleNames } from '../roles.js';
import { openRunning } from '../running.js';
import { stopSignal } from '../stop-signal.js';

interface Options {
  readonly as: string;
  readonly patient: string;
  readonly knownAs: readonly string[];
  readonly source?: string;
  readonly data: string;
  readonly watch: boolean;
  readonly json: boolean;
}

const watchIntervalMs = 1000;

/** Files of a path: itself, or what can be imported of a folder, in the order of names. */
async function filesOf(given: string): Promise<string[]> {
  const found = await stat(given).catch(() => undefined);
  if (!found) throw new CommandError('FILE_NOT_FOUND', `There is no ${given}.`);
  if (found.isFile()) return [given];
  const names = (await readdir(given)).filter((name) => formatOf(name) !== undefined).sort();
  return names.map((name) => path.join(given, name));
}

async function importOne(
  file: string,
  { as, patient, knownAs, source, data }: Options,
  onOutcomes: (outcomes: readonly FileOutcome[]) => void | Promise<void>,
): Promise<ImportCounts> {
  const format = formatOf(file);
  if (!format)
    throw new CommandError(
      'IMPORT_UNREADABLE',
      `${file} is neither .json (a Bundle) nor .ndjson, also with .gz`,
    );
  const { importFile, planImport } = await import('../imports/index.js');
  const { GraphClient } = await import('../graph-client.js');
  const plan = await planImport(file, format);
  const { run, tokenFor } = await openRunning(data);
  const client = new GraphClient(run.url, await tokenFor(as));
  return importFile(plan, { client, patient, knownAs, source, onOutcomes });
}

/** @throws `IMPORT_REFUSED` if something of the files was. */
async function importFiles(given: string, options: Options): Promise<void> {
  const files = await filesOf(given);
  if (files.length === 0) throw new CommandError('FILE_NOT_FOUND', `Nothing in ${given} can be imported.`);
  let refused = 0;
  for (const file of files) {
    const counts = await importOne(file, options, (outcomes) => {
      for (const outcome of outcomes) {
        if (options.json) console.log(JSON.stringify({ file, ...outcome }));
        else if (outcome.status === 'REFUSED') console.error(`${file}, ${describe(outcome)}`);
      }
    });
    refused += counts.REFUSED;
    if (!options.json)
      console.log(
        `${file}: ${counts.STORED} stored, ${counts.EXISTING} there before, ${counts.REFUSED} refused`,
      );
  }
  if (refused > 0)
    throw new CommandError('IMPORT_REFUSED', `${refused} resources were refused; the others are stored.`);
}

function describe({ location, code, issues = [] }: FileOutcome): string {
  const reasons = issues.map(({ expression, diagnostics }) => `${expression[0]} ${diagnostics}`);
  return `${location}: ${reasons.length > 0 ? reasons.join('; ') : String(code)}`;
}

async function watch(folder: string, options: Options): Promise<void> {
  const { WatchedFolder } = await import('../imports/index.js');
  const stop = new AbortController();
  const watched = new WatchedFolder({
    folder,
    work: (file, onOutcomes) => importOne(file, options, onOutcomes),
    say: (line) => console.log(line),
    signal: stop.signal,
    intervalMs: watchIntervalMs,
  });
  console.log(`watching ${folder}`);
  const running = watched.run();
  await Promise.race([stopSignal(), running]);
  stop.abort();
  await running;
}

export function addImportCommand(program: Command): void {
  program
    .command('import')
    .description(
      'take in records about one patient: FHIR R4 Bundles (.json) and bulk data (.ndjson), also with .gz',
    )
    .argument('<path>', 'file, or folder of files')
    .requiredOption('--as <role>', `who imports: ${roleNames.join(', ')}`)
    .requiredOption('--patient <address>', 'whom they are about: chain address')
    .option(
      '--known-as <reference>',
      'by which reference the source means the patient, such as Patient/123; may be given again',
      (one: string, others: readonly string[]) => [...others, one],
      [] as readonly string[],
    )
    .option('--source <name>', 'the system that they come from; kept with each entry')
    .option(
      '--watch',
      'import what is put into the folder, until stopped; files end up in done/ or failed/',
      false,
    )
    .option('--json', 'print what became of each resource as a line of JSON', false)
    .option('--data <folder>', 'data folder of the platform', defaultDataFolder)
    .action((given: string, options: Options) =>
      options.watch ? watch(given, options) : importFiles(given, options),
    );
}
