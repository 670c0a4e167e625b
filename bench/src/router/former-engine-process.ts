/** The same router on the engine that it had before: the runtime of @graphql-hive, with our connections to the subgraphs. */
import { startRouter, type RouterOptions } from '@medigraph/router';
import { PlannerEngine } from '@medigraph/router/testing';
import { told } from '../part.js';
import { tokenCheck } from './token-check.js';

const router = await startRouter({
  supergraph: told('BENCH_SUPERGRAPH'),
  subgraphs: JSON.parse(told('BENCH_ENDPOINTS')) as RouterOptions['subgraphs'],
  verifier: tokenCheck(),
  engine: (supergraph, client) => PlannerEngine.create(supergraph, client),
});
process.once('disconnect', () => process.exit(0));
process.send?.({ type: 'ready', url: router.url });
