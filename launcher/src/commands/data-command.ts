import { type Command } from 'commander';
import { DataFolder, defaultDataFolder } from '../data-folder.js';
import { ProgressDisplay } from '../progress.js';
import { print, requireRight } from '../verification/report.js';

interface Options {
  readonly data: string;
  readonly json: boolean;
}

async function verify({ data, json }: Options): Promise<void> {
  const { verifyDataFolder } = await import('../verification/verify-data-folder.js');
  const display = new ProgressDisplay();
  const verification = await verifyDataFolder(new DataFolder(data), {
    scope: 'data',
    mongodbUri: process.env['MONGODB_URI'],
    onProgress: (progress) => display.show(progress),
  }).finally(() => display.stop());
  if (json) console.log(JSON.stringify(verification, null, 2));
  else print(verification);
  requireRight(verification);
}

/** `medigraph data verify`. */
export function addDataCommand(program: Command): void {
  program
    .command('data')
    .description('check what is stored beside the ledger')
    .command('verify')
    .description(
      'check hash chains, rebuild the read models from the blocks and compare, and compare every stored file with what ' +
        'the ledger says of it; on a data folder that nothing runs on',
    )
    .option('--data <folder>', 'data folder', defaultDataFolder)
    .option('--json', 'print what was checked as JSON', false)
    .action(verify);
}
