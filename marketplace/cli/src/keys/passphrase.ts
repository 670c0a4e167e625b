import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { CommandFailure } from '../command-failure.js';

const variable = 'MEDIGRAPH_KEY_PASSPHRASE';
const shortest = 8;

/** What is typed is shown to nobody. */
const unseen = new Writable({ write: (_chunk, _encoding, done) => done() });

async function asked(question: string): Promise<string> {
  process.stderr.write(question);
  const terminal = createInterface({ input: process.stdin, output: unseen, terminal: true });
  try {
    return await terminal.question('');
  } finally {
    terminal.close();
    process.stderr.write('\n');
  }
}

/**
 * The passphrase of a key: from the environment, or typed.
 * @throws {@link CommandFailure} `PASSPHRASE_MISSING`, `PASSPHRASE_SHORT`.
 */
export async function passphraseFor(name: string): Promise<string> {
  const given = process.env[variable];
  if (given === undefined && !process.stdin.isTTY)
    throw new CommandFailure('PASSPHRASE_MISSING', `set ${variable}, or call from a terminal`);
  const passphrase = given ?? (await asked(`Passphrase of key ${name}: `));
  if (passphrase.length < shortest)
    throw new CommandFailure('PASSPHRASE_SHORT', `a passphrase has at least ${shortest} characters`);
  return passphrase;
}
