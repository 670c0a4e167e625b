import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { type Readable } from 'node:stream';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { type Bench } from '../bench.js';
import { type Figure } from '../figure.js';
import { withTemporaryFolder } from '../temporary-folder.js';
import { median } from '../measure.js';

const script = fileURLToPath(new URL('../../../scripts/start.mjs', import.meta.url));

/** What a user is promised, install and first load aside. */
const promisedSeconds = 10;

type Started = ChildProcessByStdio<null, null, Readable>;

/** The address of the graph, once the command has printed it. */
async function printedUrl(child: Started): Promise<string> {
  for await (const line of createInterface({ input: child.stderr })) {
    const url = /^\s+(http:\S+)$/.exec(line)?.[1];
    if (url !== undefined) return url;
  }
  throw new Error('The platform ended before it was ready.');
}

/** Seconds from the command to the first answer of the graph. */
async function startOnce(data: string): Promise<number> {
  const begin = performance.now();
  const child = spawn(process.execPath, [script, '--data', data, '--port', '0', '--empty'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const ended = once(child, 'exit');
  try {
    const url = await printedUrl(child);
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: '{ __typename }' }),
    });
    if (!response.ok) throw new Error(`The graph answered ${response.status}.`);
    await response.arrayBuffer();
    return (performance.now() - begin) / 1000;
  } finally {
    child.stderr.resume();
    child.kill('SIGTERM');
    await ended;
  }
}

/** From the command to an answer of the graph: the first time, when keys and channels are made, and again on the same data. */
export const startBench: Bench = {
  summary: 'seconds from the command to the first answer of the graph, on new data and again',
  async run({ quick, say }) {
    const rounds = quick ? 1 : 5;
    const first: number[] = [];
    const again: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      await withTemporaryFolder(async (data) => {
        first.push(await startOnce(data));
        again.push(await startOnce(data));
      });
    }
    const figure = (name: string, seconds: number): Figure => ({
      bench: 'start',
      figure: name,
      value: seconds,
      unit: 's',
      peer: `the promise of ${promisedSeconds} s`,
      ratio: promisedSeconds / seconds,
      n: rounds,
    });
    say(`first start ${median(first).toFixed(1)} s, second ${median(again).toFixed(1)} s`);
    return [figure('ready-first', median(first)), figure('ready-again', median(again))];
  },
};
