import { rm } from 'node:fs/promises';
import { type Command } from 'commander';
import { DataFolder, defaultDataFolder } from '../data-folder.js';
import { CommandError } from '../errors.js';
import { readRunFile } from '../run-file.js';

export function addResetCommand(program: Command): void {
  program
    .command('reset')
    .description('remove everything in the data folder: ledger, documents and keys')
    .option('--data <folder>', 'data folder', defaultDataFolder)
    .action(async (options: { data: string }) => {
      const data = new DataFolder(options.data);
      const run = await readRunFile(data.path);
      if (run)
        throw new CommandError('ALREADY_RUNNING', `Stop the platform first: it runs as process ${run.pid}`);
      await rm(data.path, { recursive: true, force: true });
      console.log(`Removed ${data.path}`);
    });
}
