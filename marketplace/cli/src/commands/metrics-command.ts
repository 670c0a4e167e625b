import { type Command, InvalidArgumentError } from 'commander';
import { CommandFailure } from '../command-failure.js';
import { type GraphAccess, type GraphOptions } from '../graph-access.js';
import { platformCommands } from './platform-commands.js';
import { type PublishCommandOptions } from './publish-commands.js';

interface Usage {
  readonly day: string;
  readonly version: string;
  readonly operation: string;
  readonly calls: number | null;
  readonly failures: number | null;
  readonly errors: readonly { readonly code: string; readonly count: number }[];
  readonly p50: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
}

interface UsagePage {
  readonly nodes: readonly Usage[];
  readonly pageInfo: { readonly endCursor: string | null; readonly hasNextPage: boolean };
}

const dayMs = 86_400_000;
const print = (line: string) => process.stdout.write(`${line}\n`);

/** Every row from a day on, the latest first. @throws `DAPP_NOT_FOUND` */
async function usageOf(graph: GraphAccess, dapp: string, from: string): Promise<Usage[]> {
  const found: Usage[] = [];
  let after: string | null = null;
  do {
    const answer: { readonly dApp: { readonly usage: UsagePage } | null } = await graph.request(
      `query($id: ID!, $from: Date, $after: String) { dApp(id: $id) { usage(first: 100, from: $from, after: $after) {
         nodes { day version operation calls failures errors { code count } p50 p95 p99 } pageInfo { endCursor hasNextPage } } } }`,
      { id: dapp, from, after },
    );
    if (!answer.dApp) throw new CommandFailure('DAPP_NOT_FOUND', `there is no DApp ${dapp} that you may see`);
    const { nodes, pageInfo }: UsagePage = answer.dApp.usage;
    found.push(...nodes);
    after = pageInfo.hasNextPage ? pageInfo.endCursor : null;
  } while (after !== null);
  return found;
}

function lineOf({ day, version, operation, calls, failures, errors, p50, p95, p99 }: Usage): string {
  const begin = `${day}  ${version}  ${operation}`;
  if (calls === null) return `${begin}  fewer than 5 callers`;
  const took = [p50, p95, p99].map((ms) => (ms === null ? '> 30 s' : `${ms} ms`)).join(' / ');
  const codes = errors.map(({ code, count }) => `\n    ${code} ${count}`).join('');
  return `${begin}  ${calls} calls, ${failures ?? 0} failed, p50/p95/p99 ${took}${codes}`;
}

function daysOf(text: string): number {
  const days = Number(text);
  if (!Number.isInteger(days) || days < 1 || days > 92) throw new InvalidArgumentError('must be 1 to 92.');
  return days;
}

/** `medigraph dapp metrics`: how a DApp is called. */
export function addMetricsCommand(dapp: Command, { data, openGraph }: PublishCommandOptions): void {
  platformCommands(dapp, data)('metrics <dapp>', 'tell how your DApp is called: counts, errors, durations')
    .option('--days <count>', 'as many days back', daysOf, 7)
    .option('--json', 'as JSON, one object a line')
    .action(async (id: string, options: GraphOptions & { days: number; json?: true }) => {
      const from = new Date(Date.now() - (options.days - 1) * dayMs).toISOString().slice(0, 10);
      const rows = await usageOf(await openGraph(options), id, from);
      for (const row of rows) print(options.json ? JSON.stringify(row) : lineOf(row));
      if (rows.length === 0 && !options.json) print(`no calls of ${id} that you may see since ${from}`);
    });
}
