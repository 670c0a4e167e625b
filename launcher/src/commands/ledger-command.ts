import { type Command } from 'commander';
import { DataFolder, defaultDataFolder } from '../data-folder.js';
import { ProgressDisplay } from '../progress.js';
import { print, requireRight } from '../verification/report.js';

interface Options {
  readonly data: string;
  readonly quick: boolean;
  readonly json: boolean;
}

async function verify({ data, quick, json }: Options): Promise<void> {
  const { verifyDataFolder } = await import('../verification/verify-data-folder.js');
  const display = new ProgressDisplay();
  const verification = await verifyDataFolder(new DataFolder(data), {
    scope: quick ? 'chains' : 'ledger',
    mongodbUri: process.env['MONGODB_URI'],
    onProgress: (progress) => display.show(progress),
  }).finally(() => display.stop());
  if (json) console.log(JSON.stringify(verification, undefined, 2));
  else print(verification);
  requireRight(verification);
}

export function addLedgerCommand(program: Command): void {
  program
    .command('ledger')
    .description('check the embedded ledger of a data folder')
    .command('verify')
    .description(
      'check hash chains, all signatures and validation codes, replay every block from the first and compare the state, ' +
        'then rebuild the read models and compare those; on a data folder that nothing runs on',
    )
    .option('--data <folder>', 'data folder', defaultDataFolder)
    .option('--quick', "only hash chains and the orderer's signatures", false)
    .option('--json', 'print what was checked as JSON', false)
    .action(verify);
}
