import { readFile } from 'node:fs/promises';
import { type Command } from 'commander';
import { type GraphState, type GraphVersion } from '@medigraph/router';
import { z } from 'zod';
import { defaultDataFolder } from '../data-folder.js';
import { CommandError } from '../errors.js';
import { openRunning } from '../running.js';

/** Whose operator calls, and for how long in seconds. */
const operator = 'operator:hospital-a';
const lifetimeSeconds = 60;

const refusal = z.object({
  errors: z.array(z.object({ message: z.string(), extensions: z.object({ code: z.string() }) })).min(1),
});

/** One call of the operators' part of the router that runs on a data folder. @throws {@link CommandError} with the router's own code */
async function call(data: string, method: string, path = '', body?: string): Promise<GraphState> {
  const { run, tokenFor } = await openRunning(data);
  const authorization = `Bearer ${await tokenFor(operator, lifetimeSeconds)}`;
  const url = new URL(`/operator/graph${path}`, run.url);
  const response = await fetch(url, { method, body, headers: { authorization } }).catch((cause: unknown) => {
    throw new CommandError('NOT_READY', 'The graph does not answer.', { cause });
  });
  const answer: unknown = await response.json();
  const refused = refusal.safeParse(answer);
  if (refused.success) {
    const [first] = refused.data.errors;
    throw new CommandError(first?.extensions.code ?? 'NOT_READY', first?.message ?? 'The router refused.');
  }
  return answer as GraphState;
}

function line({ generation, sha256, since }: GraphVersion): string {
  return `${String(generation).padStart(4)}  ${sha256.slice(0, 12)}  since ${since}`;
}

function print({ current, previous, refused, brokenDocuments }: GraphState): void {
  console.log(`serves    ${line(current)}`);
  for (const version of previous) console.log(`before    ${line(version)}`);
  if (brokenDocuments > 0) console.log(`broken    ${brokenDocuments} documents of the allow-list`);
  if (refused) console.log(`refused   ${refused.sha256.slice(0, 12)} at ${refused.at}: ${refused.message}`);
}

export function addGraphCommand(program: Command): void {
  const graph = program
    .command('graph')
    .description('see, change and roll back the supergraph of a platform that runs');
  const add = (name: string, description: string): Command =>
    graph
      .command(name)
      .description(description)
      .option('--data <folder>', 'data folder of the platform', defaultDataFolder);
  add('status', 'say which supergraph serves, and which one could be gone back to').action(
    async ({ data }: { data: string }) => {
      print(await call(data, 'GET'));
    },
  );
  add('set <file>', 'serve the supergraph (SDL) of a file, without interrupting anybody').action(
    async (file: string, { data }: { data: string }) => {
      const supergraph = await readFile(file, 'utf8').catch((cause: unknown) => {
        throw new CommandError('FILE_UNREADABLE', `${file} cannot be read.`, { cause });
      });
      print(await call(data, 'PUT', '', supergraph));
    },
  );
  add('rollback', 'go back to the supergraph that served before').action(
    async ({ data }: { data: string }) => {
      print(await call(data, 'POST', '/rollback'));
    },
  );
}
