import { type Command, InvalidArgumentError } from 'commander';
import { defaultDataFolder } from '../data-folder.js';
import { roleNames } from '../roles.js';
import { openRunning, scriptTokenSeconds } from '../running.js';

function lifetime(text: string): number {
  const seconds = Number(text);
  if (!/^\d+$/.test(text) || seconds < 1 || seconds > 86_400) {
    throw new InvalidArgumentError('must be 1 to 86400 seconds.');
  }
  return seconds;
}

export function addTokenCommand(program: Command): void {
  program
    .command('token')
    .description('print an access token for scripts, for the platform that runs on the data folder')
    .requiredOption('--as <role>', `who calls: ${roleNames.join(', ')}`)
    .option('--lifetime <seconds>', 'how long it is valid', lifetime, scriptTokenSeconds)
    .option('--data <folder>', 'data folder of the platform', defaultDataFolder)
    .action(async (options: { as: string; lifetime: number; data: string }) => {
      const { tokenFor } = await openRunning(options.data);
      console.log(await tokenFor(options.as, options.lifetime));
    });
}
