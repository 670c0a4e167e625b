import { type Command, InvalidArgumentError } from 'commander';
import { defaultDataFolder } from '../data-folder.js';
import { roleNames } from '../roles.js';
import { openRunning, scriptTokenSeconds } from '../running.js';
import { SessionFile } from '../sign-in/session-file.js';
import { currentSession } from '../sign-in/sign-in-client.js';

function lifetime(text: string): number {
  const seconds = Number(text);
  if (!/^\d+$/.test(text) || seconds < 1 || seconds > 86_400) {
    throw new InvalidArgumentError('must be 1 to 86400 seconds.');
  }
  return seconds;
}

interface Options {
  readonly as?: string;
  readonly lifetime: number;
  readonly mfa: boolean;
  readonly data: string;
}

async function tokenOf({ as, lifetime: seconds, mfa, data }: Options): Promise<string> {
  if (as === undefined) return (await currentSession(new SessionFile())).accessToken;
  const { tokenFor } = await openRunning(data);
  return tokenFor(as, seconds, mfa);
}

export function addTokenCommand(program: Command): void {
  program
    .command('token')
    .description(
      'print the access token of who is signed in; with --as, one for scripts on your own machine, made with the ' +
        'master key of the data folder and without anybody signing in',
    )
    .option('--as <role>', `who calls: ${roleNames.join(', ')}`)
    .option('--lifetime <seconds>', 'how long a token for scripts is valid', lifetime, scriptTokenSeconds)
    .option('--mfa', 'a token for scripts as of who has shown a second factor', false)
    .option('--data <folder>', 'data folder of the platform', defaultDataFolder)
    .action(async (options: Options) => {
      console.log(await tokenOf(options));
    });
}
