import { type Command } from 'commander';
import { DataFolder, defaultDataFolder } from '../data-folder.js';
import { CommandError } from '../errors.js';
import { ProgressDisplay } from '../progress.js';
import { type Verification, verifyDataFolder } from '../verification/verify-data-folder.js';

interface Options {
  readonly data: string;
  readonly quick: boolean;
  readonly json: boolean;
}

function print({ ledger, readModels }: Verification): void {
  for (const result of ledger) {
    const counted = [`${result.blocks} blocks`];
    if ('transactions' in result) {
      counted.push(`${result.transactions} transactions`, `${result.signatures} signatures`);
    }
    console.log(
      `${result.broken ? '✗' : '✓'} ${result.channel.padEnd(20)} ${result.broken?.reason ?? counted.join(', ')}`,
    );
  }
  for (const { subgraph, documents, broken } of readModels ?? []) {
    const name = `read models ${subgraph}`.padEnd(20);
    console.log(`${broken === undefined ? '✓' : '✗'} ${name} ${broken ?? `${documents} documents`}`);
  }
}

/** @throws {@link CommandError} `LEDGER_BROKEN`, `READ_MODELS_BROKEN` with the first thing that is wrong. */
function requireRight({ ledger, readModels }: Verification): void {
  for (const { channel, broken } of ledger) {
    if (!broken) continue;
    const where = broken.block === undefined ? channel : `${channel}, block ${broken.block}`;
    throw new CommandError('LEDGER_BROKEN', `${where}: ${broken.reason}`);
  }
  for (const { subgraph, broken } of readModels ?? []) {
    if (broken !== undefined) throw new CommandError('READ_MODELS_BROKEN', `${subgraph}: ${broken}`);
  }
}

async function verify({ data, quick, json }: Options): Promise<void> {
  const display = new ProgressDisplay();
  const verification = await verifyDataFolder(new DataFolder(data), {
    quick,
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
