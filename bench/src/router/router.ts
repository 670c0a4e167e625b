import { Agent } from 'node:http';
import { type ChildPart } from '@medigraph/launcher';
import { TestTokens } from '@medigraph/router/testing';
import { z } from 'zod';
import { type Bench, type BenchOptions } from '../bench.js';
import { type Figure } from '../figure.js';
import { alternate, type Bounds, measure } from '../measure.js';
import { startPart } from '../part.js';
import { poster } from '../poster.js';
import { shopQuery } from './shop.js';
import { addedLatency, swapUnderLoad, type Load } from './under-load.js';

const connections = 32;
const query = '{ claims(first: 20) { id status patient { name home { name } } } }';
const peer = 'hand-written on node:http';
const formerPeer = 'the former engine, @graphql-hive/router-runtime';

const urlOf = ({ ready }: ChildPart): string => String(ready['url']);

const cpuReport = z.object({ type: z.literal('cpu'), microseconds: z.number() });

/** Processor time that a part has used so far, asked one question after the other. */
function cpuOf(part: ChildPart): () => Promise<number> {
  let answered: ((microseconds: number) => void) | undefined;
  part.onMessage((message) => {
    const report = cpuReport.safeParse(message);
    if (report.success) answered?.(report.data.microseconds);
  });
  return () =>
    new Promise((resolve) => {
      answered = resolve;
      part.send({ ask: 'cpu' });
    });
}

/** What is measured: the router, and those that it is measured against. */
interface Contestants {
  readonly router: ChildPart;
  readonly handWritten: ChildPart;
  readonly former: ChildPart;
}

async function compare(
  { router, handWritten, former }: Contestants,
  { ask: send, quick, say }: Load,
): Promise<Figure[]> {
  const ask = (part: ChildPart) => () => send(part);
  const parts = [router, handWritten, former];
  const [routed, ...others] = await Promise.all(parts.map((part) => ask(part)()));
  if (others.some((answer) => answer !== routed)) throw new Error('The answers differ.');
  const bounds: Bounds = quick
    ? { operations: 2_000, milliseconds: 1_500 }
    : { operations: 6_000, milliseconds: 5_000 };
  const round = (part: ChildPart) => () => measure(bounds, connections, ask(part));
  const rounds = quick ? 3 : 7;
  await alternate(1, round(router), round(handWritten));
  const cpu = cpuOf(router);
  const cpuBefore = await cpu();
  let requests = 0;
  const measured = await alternate(
    rounds,
    async () => {
      const result = await round(router)();
      requests += result.operations;
      return result;
    },
    round(handWritten),
  );
  const cpuEach = ((await cpu()) - cpuBefore) / requests;
  const { peer: before, ours: again } = await alternate(Math.ceil(rounds / 2), round(router), round(former));
  const { ours } = measured;
  say(
    `three hops, ${connections} connections: ${ours.throughput.toFixed(0)}/s, p99 ${ours.p99.toFixed(1)} ms; ` +
      `${peer} ${measured.peer.throughput.toFixed(0)}/s, p99 ${measured.peer.p99.toFixed(1)} ms; ` +
      `${formerPeer} ${before.throughput.toFixed(0)}/s; ${cpuEach.toFixed(0)} µs of processor a request`,
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
    {
      bench: 'router',
      figure: 'three-hop-former-engine',
      value: again.throughput,
      unit: 'requests/s',
      peer: formerPeer,
      ratio: again.throughput / before.throughput,
      n: again.operations,
    },
    { bench: 'router', figure: 'cpu-per-request', value: cpuEach, unit: 'µs', n: requests },
  ];
}

/** What the first request for a document costs more than the next: parsing, validation, planning, compiling. */
async function planning(
  router: ChildPart,
  send: (body: object) => Promise<string>,
  { quick, say }: BenchOptions,
): Promise<Figure[]> {
  const documents = quick ? 60 : 300;
  const once = (run: string) =>
    measure({ operations: documents, milliseconds: 60_000 }, 1, (index) => {
      const asked = `${run}${index}: claims(first: 1) { id status patient { name home { name } } }`;
      return send({ query: `{ ${asked} }` });
    });
  await once('warming');
  const cold = await once('measured');
  const warm = await once('measured');
  const value = cold.p50 - warm.p50;
  say(`a document's first request takes ${cold.p50.toFixed(2)} ms, the next ${warm.p50.toFixed(2)} ms`);
  return [
    { bench: 'router', figure: 'plan-cold', value, unit: 'ms', n: documents },
    { bench: 'router', figure: 'request-warm', value: warm.p50, unit: 'ms', n: documents },
  ];
}

/** The query of the public benchmark of federation gateways, against a server that has each of its calls written down. */
async function shop(
  { router, handWritten }: Omit<Contestants, 'former'>,
  { ask, quick, say }: Load,
): Promise<Figure> {
  const [routed, byHand] = await Promise.all([ask(router), ask(handWritten)]);
  if (routed !== byHand) throw new Error('The answers over the shop differ.');
  const bounds = quick
    ? { operations: 1_000, milliseconds: 1_500 }
    : { operations: 4_000, milliseconds: 5_000 };
  const round = (part: ChildPart) => () => measure(bounds, connections, () => ask(part));
  await alternate(1, round(router), round(handWritten));
  const { ours, peer: theirs } = await alternate(quick ? 3 : 7, round(router), round(handWritten));
  say(`the shop: ${ours.throughput.toFixed(0)}/s; ${peer} ${theirs.throughput.toFixed(0)}/s`);
  return {
    bench: 'router',
    figure: 'federation-benchmark',
    value: ours.throughput,
    unit: 'requests/s',
    peer,
    ratio: ours.throughput / theirs.throughput,
    n: ours.operations,
  };
}

/**
 * A query over entities of three subgraphs (20 claims, 32 connections), through the router, through a server written by hand that
 * makes the same calls, and through the engine that the router had before, all with tokens checked; the public benchmark's query over
 * four; what planning, the check of tokens and limits cost; and changes of the graph under load. Subgraphs, router, peers and load
 * generator are a process each.
 */
export const routerBench: Bench = {
  summary: 'a query over three subgraphs against a hand-written server that makes the same calls',
  async run(options) {
    const parts: ChildPart[] = [];
    const agent = new Agent({ keepAlive: true, maxSockets: connections });
    const start = async (name: string, file: string, env: Record<string, string>): Promise<ChildPart> => {
      const part = await startPart(name, new URL(file, import.meta.url), env);
      parts.push(part);
      return part;
    };
    try {
      const tokens = await TestTokens.create();
      const keys = { BENCH_JWKS: JSON.stringify(await tokens.jwks()) };
      const authorization = await tokens.issue(3_600);
      const post = poster(agent);
      const sending =
        (body: object) =>
        (part: ChildPart): Promise<string> =>
          post(urlOf(part), JSON.stringify(body), authorization);
      const before = async (graph: string): Promise<Record<string, string>> => {
        const { ready } = await start(`subgraphs of the ${graph}`, 'subgraphs-process.js', {
          BENCH_GRAPH: graph,
        });
        return {
          BENCH_SUPERGRAPH: String(ready['supergraph']),
          BENCH_ENDPOINTS: JSON.stringify(ready['endpoints']),
        };
      };
      const clinic = await before('clinic');
      const routerWith = (what: string, env: Record<string, string>): Promise<ChildPart> =>
        start(`router, ${what}`, 'router-process.js', { ...clinic, ...keys, ...env });
      const router = await routerWith('as it is', {});
      const handWritten = await start('peer', 'hand-written-process.js', { ...clinic, ...keys });
      const former = await start('former engine', 'former-engine-process.js', { ...clinic, ...keys });
      const load: Load = { ...options, connections, ask: sending({ query }) };
      const market = { ...(await before('shop')), ...keys };
      return [
        ...(await compare({ router, handWritten, former }, load)),
        ...(await planning(router, (body) => sending(body)(router), options)),
        ...(await swapUnderLoad(router, load)),
        await addedLatency(
          {
            figure: 'limits-added-latency',
            what: 'rate limits and circuit breakers',
            having: await routerWith('all limits', { BENCH_LIMITS: 'all' }),
            lacking: await routerWith('no limits', { BENCH_LIMITS: 'none' }),
          },
          load,
        ),
        await addedLatency(
          {
            figure: 'auth-added-latency',
            what: 'checks of tokens',
            having: router,
            lacking: await routerWith('any token', { BENCH_JWKS: '' }),
          },
          load,
        ),
        await shop(
          {
            router: await start('router of the shop', 'router-process.js', market),
            handWritten: await start('peer of the shop', 'hand-written-shop-process.js', market),
          },
          { ...load, ask: sending({ query: shopQuery }) },
        ),
      ];
    } finally {
      agent.destroy();
      await Promise.all(parts.map((part) => part.stop()));
    }
  },
};
