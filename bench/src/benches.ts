import { type Bench } from './bench.js';
import { dappsBench } from './dapps/dapps.js';
import { encryptionBench } from './encryption/encryption.js';
import { eventsBench } from './events/events.js';
import { importBench } from './import/import.js';
import { leakBench } from './leak/leak.js';
import { ledgerBench } from './ledger/ledger.js';
import { linkerBench } from './linker/linker.js';
import { liveBench } from './live/live.js';
import { loadBench } from './load/load.js';
import { publishBench } from './publish/publish.js';
import { routerBench } from './router/router.js';
import { sandboxBench } from './sandbox/sandbox.js';
import { sizeBench } from './size/size.js';
import { startBench } from './start/start.js';
import { verifyBench } from './verify/verify.js';

/** Every bench, by the name that runs it. */
export const benches: Readonly<Record<string, Bench>> = {
  start: startBench,
  ledger: ledgerBench,
  router: routerBench,
  events: eventsBench,
  live: liveBench,
  linker: linkerBench,
  import: importBench,
  leak: leakBench,
  load: loadBench,
  sandbox: sandboxBench,
  size: sizeBench,
  verify: verifyBench,
  encryption: encryptionBench,
  dapps: dappsBench,
  publish: publishBench,
};
