import { Agent } from 'node:http';
import { type ChildPart } from '@medigraph/launcher';
import { type Bench, type BenchOptions } from '../bench.js';
import { type Figure } from '../figure.js';
import { alternate, type Bounds, measure } from '../measure.js';
import { startPart } from '../part.js';
import { poster } from '../poster.js';

const connections = 32;
const query = '{ claims(first: 20) { id status patient { name home { name } } } }';
const peer = 'hand-written on node:http';

const urlOf = ({ ready }: ChildPart): string => String(ready['url']);

async function compare(router: string, handWritten: string, { quick, say }: BenchOptions): Promise<Figure[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const post = poster(agent);
  const ask = (url: string) => () => post(url, JSON.stringify({ query }), 'Bearer bench');
  try {
    const [routed, written] = await Promise.all([ask(router)(), ask(handWritten)()]);
    if (routed !== written) throw new Error('The two answers differ.');
    const bounds: Bounds = quick
      ? { operations: 2_000, milliseconds: 1_500 }
      : { operations: 6_000, milliseconds: 5_000 };
    const round = (url: string) => () => measure(bounds, connections, ask(url));
    await alternate(1, round(router), round(handWritten));
    const measured = await alternate(quick ? 3 : 7, round(router), round(handWritten));
    const { ours } = measured;
    say(
      `three hops, ${connections} connections: ${ours.throughput.toFixed(0)}/s, p99 ${ours.p99.toFixed(1)} ms; ` +
        `${peer} ${measured.peer.throughput.toFixed(0)}/s, p99 ${measured.peer.p99.toFixed(1)} ms`,
    );
    const figure = { bench: 'router', peer, n: ours.operations };
    return [
      {
        ...figure,
        figure: 'three-hop',
        value: ours.throughput,
        unit: 'requests/s',
        ratio: ours.throughput / measured.peer.throughput,
      },
      {
        ...figure,
        figure: 'three-hop-p99',
        value: ours.p99,
        unit: 'ms',
        ratio: measured.peer.p99 / ours.p99,
      },
    ];
  } finally {
    agent.destroy();
  }
}

/**
 * A query over entities of three subgraphs (20 claims, 32 connections), through the router and through a server written by
 * hand that makes the same calls. Subgraphs, router, peer and load generator are a process each.
 */
export const routerBench: Bench = {
  summary: 'a query over three subgraphs against a hand-written server that makes the same calls',
  async run(options) {
    const parts: ChildPart[] = [];
    const start = async (name: string, file: string, env: Record<string, string>): Promise<ChildPart> => {
      const part = await startPart(name, new URL(file, import.meta.url), env);
      parts.push(part);
      return part;
    };
    try {
      const { ready } = await start('subgraphs', 'subgraphs-process.js', {});
      const env = {
        BENCH_SUPERGRAPH: String(ready['supergraph']),
        BENCH_ENDPOINTS: JSON.stringify(ready['endpoints']),
      };
      const router = await start('router', 'router-process.js', env);
      const handWritten = await start('peer', 'hand-written-process.js', env);
      return await compare(urlOf(router), urlOf(handWritten), options);
    } finally {
      await Promise.all(parts.map((part) => part.stop()));
    }
  },
};
