/** The router before the clinic, in a process of its own; it changes its graph, to the same one, whenever the parent asks. */
import { defaultRouterLimits, startRouter, type RouterOptions } from '@medigraph/router';
import { told } from '../part.js';
import { tokenCheck } from './token-check.js';
import './cpu-report.js';

/** With `all`, more than the load asks for, so that everything is counted and nothing refused. */
const limitsOf: Readonly<Record<string, RouterOptions['limits']>> = {
  default: {},
  none: {
    rates: { maxClients: 1 },
    breakers: { ...defaultRouterLimits.breakers, failureRatio: 0 },
  },
  all: {
    rates: {
      operations: { amount: 1e9, perSeconds: 1 },
      cost: { amount: 1e9, perSeconds: 1 },
      fields: { 'Query.claims': { amount: 1e9, perSeconds: 1 } },
      maxClients: 1_000,
    },
  },
};

const supergraph = told('BENCH_SUPERGRAPH');
const subgraphs = JSON.parse(told('BENCH_ENDPOINTS')) as RouterOptions['subgraphs'];
const router = await startRouter({
  supergraph,
  subgraphs,
  verifier: tokenCheck(),
  limits: limitsOf[process.env['BENCH_LIMITS'] ?? 'default'],
});
let changes = 0;
process.on('message', ({ ask }: { readonly ask?: string }) => {
  if (ask !== 'swap') return;
  // Each is another text, so that none is taken for the one that serves.
  changes += 1;
  void router.graph.change(`${supergraph}\n# ${changes}\n`, subgraphs);
});
process.once('disconnect', () => process.exit(0));
process.send?.({ type: 'ready', url: router.url });
