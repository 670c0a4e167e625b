import { decodeJwt } from 'jose';
import { type Command } from 'commander';
import { DataFolder, defaultDataFolder } from '../data-folder.js';
import { CommandError } from '../errors.js';
import { requireRunning } from '../run-file.js';
import { SessionFile } from '../sign-in/session-file.js';
import { currentSession, defaultClientId, signIn, signOut } from '../sign-in/sign-in-client.js';
import { stopSignal } from '../stop-signal.js';

interface LoginOptions {
  readonly issuer?: string;
  readonly client: string;
  readonly mfa: boolean;
  readonly data: string;
}

const say = (line: string) => process.stderr.write(`${line}\n`);

async function issuerOf({ issuer, data }: LoginOptions): Promise<string> {
  const named = issuer ?? process.env['MEDIGRAPH_OIDC_ISSUER'];
  if (named !== undefined && named !== '') return named;
  return (await requireRunning(new DataFolder(data).path)).issuer;
}

/** What a token says of its holder, a line each. */
function describe(token: string): string[] {
  const claims = decodeJwt(token);
  const shown = ['sub', 'role', 'msp_id', 'institution', 'practitioner', 'scope', 'acr', 'amr', 'iss'];
  return shown.flatMap((name) => {
    const value = claims[name];
    if (value === undefined) return [];
    const said = Array.isArray(value) ? value.join(' ') : value;
    return [`${name.padEnd(13)}${typeof said === 'string' ? said : JSON.stringify(said)}`];
  });
}

export function addLoginCommand(program: Command): void {
  program
    .command('login')
    .description('sign in on this machine, by a browser anywhere')
    .option('--issuer <url>', 'identity provider; that of the platform on the data folder by default')
    .option('--client <id>', 'what the provider knows this command as', defaultClientId)
    .option('--mfa', 'ask for the second factor too, as protected operations want it', false)
    .option('--data <folder>', 'data folder of the platform', defaultDataFolder)
    .action(async (options: LoginOptions) => {
      const aborted = new AbortController();
      void stopSignal(() => aborted.abort(new CommandError('INTERRUPTED', 'Interrupted')));
      const file = new SessionFile();
      const session = await signIn({
        issuer: await issuerOf(options),
        clientId: options.client,
        mfa: options.mfa,
        signal: aborted.signal,
        onCode: ({ address, code, addressWithCode }) => {
          say(`Open ${address} in a browser and type this code:\n\n  ${code}\n`);
          if (addressWithCode !== undefined) say(`Or open ${addressWithCode}\n`);
        },
      });
      await file.exclusively(() => file.write(session));
      say(`You are signed in as ${decodeJwt(session.accessToken).sub ?? ''}.`);
    });
}

export function addLogoutCommand(program: Command): void {
  program
    .command('logout')
    .description('end the session on this machine')
    .action(async () => {
      say((await signOut(new SessionFile())) ? 'You are signed out.' : 'Nobody was signed in.');
    });
}

export function addWhoamiCommand(program: Command): void {
  program
    .command('whoami')
    .description('say who is signed in on this machine, as the graph sees them')
    .action(async () => {
      const { accessToken } = await currentSession(new SessionFile());
      for (const line of describe(accessToken)) console.log(line);
    });
}
