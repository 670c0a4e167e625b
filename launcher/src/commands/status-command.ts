import { type Command } from 'commander';
import { DataFolder, defaultDataFolder } from '../data-folder.js';
import { CommandError } from '../errors.js';
import { requireRunning } from '../run-file.js';

export function addStatusCommand(program: Command): void {
  program
    .command('status')
    .description('say whether a platform runs on the data folder, and whether it is ready')
    .option('--data <folder>', 'data folder of the platform', defaultDataFolder)
    .action(async ({ data }: { data: string }) => {
      const run = await requireRunning(new DataFolder(data).path);
      console.log(`graph    ${run.url}`);
      console.log(`process  ${run.pid}, since ${run.startedAt}`);
      const answer = await fetch(new URL('/ready', run.url)).catch((error: unknown) => {
        throw new CommandError('NOT_READY', `The graph does not answer: ${String(error)}`);
      });
      if (!answer.ok) throw new CommandError('NOT_READY', `The graph is not ready: ${await answer.text()}`);
      console.log('ready    yes');
    });
}
