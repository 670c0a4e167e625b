import { type Bench } from './bench.js';
import { ledgerBench } from './ledger/ledger.js';

/** Every bench, by the name that runs it. */
export const benches: Readonly<Record<string, Bench>> = {
  ledger: ledgerBench,
};
