import { readFile } from 'node:fs/promises';
import { type Command } from 'commander';
import { defaultDataFolder } from '../data-folder.js';
import { CommandError } from '../errors.js';
import { Administration } from '../sign-in/administration.js';

interface Options {
  readonly data: string;
}

/** @throws `CLIENT_FILE_UNREADABLE`. */
async function descriptionIn(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    throw new CommandError('CLIENT_FILE_UNREADABLE', `${file} is not JSON that can be read`, {
      cause: error,
    });
  }
}

/** `medigraph client`: the programs that people sign in to, and those that act on their own. */
export function addClientCommand(program: Command): void {
  const client = program.command('client').description('clients of the embedded identity provider');
  const command = (name: string, description: string) =>
    client
      .command(name)
      .description(description)
      .option('--data <folder>', 'data folder of the platform', defaultDataFolder);
  command(
    'add <file>',
    'register the client that a JSON file describes, and print it with its secret',
  ).action(async (file: string, { data }: Options) => {
    const added = await (await Administration.open(data)).call('POST', '/clients', await descriptionIn(file));
    console.log(JSON.stringify(added, undefined, 2));
  });
  command('list', 'print every client').action(async ({ data }: Options) => {
    const { clients } = await (await Administration.open(data)).call('GET', '/clients');
    console.log(JSON.stringify(clients, undefined, 2));
  });
  command('remove <id>', 'remove a client; what it was given ends').action(
    async (id: string, { data }: Options) => {
      await (await Administration.open(data)).call('DELETE', `/clients/${encodeURIComponent(id)}`);
    },
  );
  command('rotate-keys', 'sign tokens with a new key from now on').action(async ({ data }: Options) => {
    await (await Administration.open(data)).call('POST', '/keys/rotation');
  });
}
