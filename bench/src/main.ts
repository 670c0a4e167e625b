import { loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { benches } from './benches.js';
import { figureLine } from './figure.js';

/** What `--help` says. */
export function usage(): string {
  const width = Math.max(...Object.keys(benches).map((name) => name.length)) + 2;
  const list = Object.entries({
    ...Object.fromEntries(Object.entries(benches).map(([name, { summary }]) => [name, summary])),
    all: 'every one of them, one after the other',
  }).map(([name, summary]) => `  ${name.padEnd(width)}${summary}`);
  return `Usage: npm run bench -- NAME [--quick]

Measures Medigraph against a peer in the same run. Lines for people go to standard error; standard output has one line of
JSON for each figure: {"bench","figure","value","unit","peer","ratio","n"}; a ratio above 1 is better than the peer.

${list.join('\n')}

  --quick  fewer operations, each bench within half a minute
  --help   this text
`;
}

const say = (line: string): void => {
  process.stderr.write(`${line}\n`);
};

/** @returns the names to run, or what is wrong with the command line. */
export function chosen(name: string | undefined): readonly string[] | string {
  const names = Object.keys(benches);
  if (name === undefined) return `Which bench? One of: ${names.join(', ')}, all`;
  if (name === 'all') return names;
  return Object.hasOwn(benches, name)
    ? [name]
    : `There is no bench ${name}. One of: ${names.join(', ')}, all`;
}

async function runBench(name: string, quick: boolean): Promise<void> {
  say(`${name}: begins, load average ${(loadavg()[0] ?? 0).toFixed(1)}`);
  const started = performance.now();
  for (const figure of (await benches[name]?.run({ quick, say })) ?? []) console.log(figureLine(figure));
  say(`${name}: done in ${((performance.now() - started) / 1000).toFixed(1)} s`);
}

/**
 * The `bench` command.
 *
 * @returns the status to exit with.
 */
export async function main(args: readonly string[]): Promise<number> {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { quick: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
    });
    if (values.help === true) {
      process.stdout.write(usage());
      return 0;
    }
    const [name, ...more] = positionals;
    const names =
      more.length > 0 ? `One bench at a time, or all; not ${positionals.join(' ')}` : chosen(name);
    if (typeof names === 'string') {
      say(names);
      return 1;
    }
    endWhenInterrupted();
    for (const each of names) await runBench(each, values.quick === true);
    return 0;
  } catch (error) {
    const { code, message } = error as Error & { code?: string };
    say(code === undefined ? message : `${code}: ${message}`);
    return 1;
  }
}

/** Ends at once; the parts that a bench started end with the process that they belong to. */
function endWhenInterrupted(): void {
  process.once('SIGINT', () => process.exit(130)).once('SIGTERM', () => process.exit(143));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exit(await main(process.argv.slice(2)));
