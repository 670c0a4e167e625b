import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { FabricBinariesMissingError, findFabricBinaries } from '@medigraph/network/native';
import { Consortium } from './consortium.js';
import { startEmbeddedNetwork } from './networks/embedded-network.js';
import { startNativeNetwork } from './networks/native-network.js';
import { type NetworkUnderTest } from './networks/network-under-test.js';
import { type Result, runSuite, skipSuite } from './run-suite.js';

const usage = `Usage: npm run conformance -- embedded|native [--only <regular expression>] [--json <file>]

Plays every scenario on a new network: the embedded one, or real Fabric with the programs of FABRIC_BIN or PATH.`;

const marks = { passed: '✓', failed: '✗', skipped: '–' } as const;

const say = (line: string) => process.stdout.write(`${line}\n`);

const networks: Readonly<Record<string, (folder: string) => Promise<NetworkUnderTest>>> = {
  embedded: startEmbeddedNetwork,
  native: async (folder) => startNativeNetwork(folder, await findFabricBinaries()),
};

async function playOn(start: (typeof networks)[string], only: RegExp | undefined): Promise<Result[]> {
  const folder = await mkdtemp(path.join(tmpdir(), 'medigraph-conformance-'));
  const results: Result[] = [];
  try {
    const network = await start(folder);
    try {
      const consortium = await Consortium.open(network);
      let group = '';
      for await (const result of runSuite(consortium, only)) {
        if (result.group !== group) say(`\n${(group = result.group)}`);
        say(`  ${marks[result.outcome]} ${result.title}`);
        if (result.difference !== undefined) say(result.difference.replace(/^/gm, '      '));
        results.push(result);
      }
      consortium.close();
    } finally {
      await network.stop();
    }
    return results;
  } catch (error) {
    if (!(error instanceof FabricBinariesMissingError)) throw error;
    say(error.message);
    return skipSuite(only);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The `conformance` command. Answers its exit code. */
export async function main(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { only: { type: 'string' }, json: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
  });
  const [kind = '', ...more] = positionals;
  const start = Object.hasOwn(networks, kind) ? networks[kind] : undefined;
  if (values.help === true || !start || more.length > 0) {
    say(usage);
    return values.help === true ? 0 : 1;
  }
  const results = await playOn(start, values.only === undefined ? undefined : new RegExp(values.only, 'i'));
  const count = (outcome: Result['outcome']) => results.filter((each) => each.outcome === outcome).length;
  const summary = { passed: count('passed'), failed: count('failed'), skipped: count('skipped') };
  if (values.json !== undefined) {
    await writeFile(values.json, JSON.stringify({ network: kind, ...summary, scenarios: results }, null, 2));
  }
  say(`\n${summary.passed} passed, ${summary.failed} failed, ${summary.skipped} skipped`);
  return summary.failed === 0 ? 0 : 1;
}
