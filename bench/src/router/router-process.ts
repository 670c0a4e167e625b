/** The router before the clinic, in a process of its own. */
import { startRouter, type RouterOptions } from '@medigraph/router';
import { told } from '../part.js';
import { anyToken } from './any-token.js';
import './cpu-report.js';

const router = await startRouter({
  supergraph: told('BENCH_SUPERGRAPH'),
  subgraphs: JSON.parse(told('BENCH_ENDPOINTS')) as RouterOptions['subgraphs'],
  verifier: anyToken,
});
process.once('disconnect', () => process.exit(0));
process.send?.({ type: 'ready', url: router.url });
