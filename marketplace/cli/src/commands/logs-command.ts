import { setTimeout as delay } from 'node:timers/promises';
import { type Command } from 'commander';
import { CommandFailure } from '../command-failure.js';
import { type GraphAccess, type GraphOptions } from '../graph-access.js';
import { platformCommands } from './platform-commands.js';
import { type PublishCommandOptions } from './publish-commands.js';

interface Entry {
  readonly at: string;
  readonly version: string;
  readonly code: string | null;
  readonly message: string;
  readonly transactionId: string | null;
}

interface Page {
  readonly nodes: readonly Entry[];
  readonly pageInfo: { readonly endCursor: string | null; readonly hasNextPage: boolean };
}

const lookEveryMs = 1_000;
const print = (line: string) => process.stdout.write(`${line}\n`);

/** @throws `DAPP_NOT_FOUND` */
async function pageOf(graph: GraphAccess, dapp: string, after: string | undefined): Promise<Page> {
  const { dApp } = await graph.request<{ dApp: { log: Page } | null }>(
    `query($id: ID!, $after: String) { dApp(id: $id) { log(first: 100, after: $after) {
       nodes { at version code message transactionId } pageInfo { endCursor hasNextPage } } } }`,
    { id: dapp, after },
  );
  if (!dApp) throw new CommandFailure('DAPP_NOT_FOUND', `there is no DApp ${dapp} that you may see`);
  return dApp.log;
}

const lineOf = ({ at, version, code, message, transactionId }: Entry): string =>
  [
    at,
    version,
    ...(code === null ? [] : [code]),
    message,
    ...(transactionId === null ? [] : [transactionId]),
  ].join('  ');

/** `medigraph dapp logs`: what happened to a DApp's contracts. */
export function addLogsCommand(dapp: Command, { data, openGraph }: PublishCommandOptions): void {
  platformCommands(dapp, data)('logs <dapp>', 'tell what happened to the contracts of your DApp')
    .option('--follow', 'go on as more happens')
    .option('--json', 'as JSON, one object a line')
    .action(
      async (id: string, { follow, json, ...options }: GraphOptions & { follow?: true; json?: true }) => {
        const graph = await openGraph(options);
        let after: string | undefined;
        for (;;) {
          const { nodes, pageInfo } = await pageOf(graph, id, after);
          for (const entry of nodes) print(json ? JSON.stringify(entry) : lineOf(entry));
          after = pageInfo.endCursor ?? after;
          if (pageInfo.hasNextPage) continue;
          if (!follow) return;
          await delay(lookEveryMs);
        }
      },
    );
}
