import { type Command } from 'commander';
import { defaultDataFolder } from '../data-folder.js';
import { accountHolderOf } from '../roles.js';
import { Administration } from '../sign-in/administration.js';

interface Options {
  readonly data: string;
}

interface AddOptions extends Options {
  readonly as: string;
  readonly name?: string;
  readonly practitioner?: string;
}

const pathOf = (subject: string): string => `/accounts/${encodeURIComponent(subject)}`;
const shown = (value: unknown): string => (typeof value === 'string' ? value : '-');

function invite(subject: string, { invitation }: Record<string, unknown>): void {
  process.stderr.write(`${subject} claims the account at this address, within a week:\n`);
  console.log(shown(invitation));
}

async function list({ data }: Options): Promise<void> {
  const { accounts } = await (await Administration.open(data)).call('GET', '/accounts');
  for (const each of accounts as readonly Record<string, unknown>[]) {
    const states = ['disabled', 'claimed', 'secondFactor'].filter((state) => each[state] === true);
    console.log([shown(each['subject']), shown(each['username']), shown(each['role']), ...states].join('  '));
  }
}

/** `medigraph account`: who may sign in with the embedded provider. */
export function addAccountCommand(program: Command): void {
  const account = program.command('account').description('accounts of the embedded identity provider');
  const command = (name: string, description: string) =>
    account
      .command(name)
      .description(description)
      .option('--data <folder>', 'data folder of the platform', defaultDataFolder);
  command('add', 'make an account and print the invitation with which its holder claims it')
    .requiredOption(
      '--as <who>',
      'patient:ADDRESS, INSTITUTION/USER for its staff, operator:INSTITUTION/USER; INSTITUTION is one of an organisation: ' +
        'hospital-a, insurer-a …, or ORGANISATION/INSTITUTION',
    )
    .option('--name <name>', 'what they sign in as; by default they choose it')
    .option('--practitioner <id>', 'practitioner of the institution that they are, by the ledger’s id')
    .action(async ({ as, name, practitioner, data }: AddOptions) => {
      const holder = accountHolderOf(as, practitioner);
      const administration = await Administration.open(data);
      const body = { holder, ...(name !== undefined && { username: name }) };
      invite(holder.subject, await administration.call('POST', '/accounts', body));
    });
  command('list', 'print every account').action(list);
  command(
    'invite <subject>',
    'print a new invitation: for somebody who lost the first, or their password',
  ).action(async (subject: string, { data }: Options) =>
    invite(subject, await (await Administration.open(data)).call('POST', `${pathOf(subject)}/invitation`)),
  );
  const changes = [
    ['disable', 'keep somebody from signing in, and end what they are signed in to', { disabled: true }],
    ['enable', 'let them sign in again', { disabled: false }],
    [
      'forget-second-factor',
      'for somebody who lost their app, passkeys and recovery codes',
      { forgetSecondFactor: true },
    ],
  ] as const;
  for (const [name, description, change] of changes) {
    command(`${name} <subject>`, description).action(async (subject: string, { data }: Options) => {
      await (await Administration.open(data)).call('PATCH', pathOf(subject), change);
    });
  }
}
