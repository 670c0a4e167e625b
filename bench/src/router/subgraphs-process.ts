/** The subgraphs of the clinic, or of the shop if so told, in a process of their own. */
import { Clinic } from '@medigraph/router/testing';
import { openShop } from './shop.js';

const { supergraph, endpoints } =
  process.env['BENCH_GRAPH'] === 'shop' ? await openShop() : await new Clinic().start();
process.once('disconnect', () => process.exit(0));
process.send?.({ type: 'ready', supergraph, endpoints });
