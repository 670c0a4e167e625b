/** A subgraph as a process of its own, configured by the environment alone. */
import path from 'node:path';
import { type Configuration, loadConfiguration } from '../config/index.js';
import { connectDocuments } from '../documents/index.js';
import { createEnvelopeService } from '../envelope/index.js';
import { PlatformError } from '../errors/index.js';
import { readFile } from 'node:fs/promises';
import {
  assertionKeys,
  createTokenIssuer,
  createTokenVerifier,
  keyWrapperOf,
  openKeyCustody,
  SealedStore,
} from '../identity/index.js';
import { connectLedger, loadConnectionProfile } from '../ledger/index.js';
import { createLogger, createMetrics } from '../telemetry/index.js';
import { startTracing } from '../telemetry/tracing.js';
import { acquisitionLimitsOf } from './acquisition-limits.js';
import { type SubgraphServices } from './services.js';
import { type RunningSubgraph, type SubgraphOptions } from './subgraph-host.js';

type Start = (services: SubgraphServices, options: SubgraphOptions) => Promise<RunningSubgraph>;

/**
 * Serves a subgraph until SIGTERM, SIGINT or the end of the parent process. `PORT` is where (default: any free port).
 * Once it serves it says `{ type: 'ready', name, url, wsUrl }` over IPC, or prints that as one line. A start that fails
 * is one line on standard error and exit code 1.
 */
export async function serveSubgraph(name: string, start: Start): Promise<void> {
  try {
    const stopTracing = await startTracing(`medigraph-${name}`);
    const { running, close } = await open(name, start, loadConfiguration());
    let stopping = false;
    const stop = (): void => {
      if (stopping) return;
      stopping = true;
      void close()
        .then(stopTracing)
        .then(() => process.exit(0));
    };
    process.on('SIGTERM', stop);
    process.on('SIGINT', stop);
    if (process.send) process.on('disconnect', stop);
    const ready = { type: 'ready', name, url: running.url, wsUrl: running.wsUrl };
    if (process.send) process.send(ready);
    else process.stdout.write(`${JSON.stringify(ready)}\n`);
  } catch (error) {
    const code = error instanceof PlatformError ? error.code : 'SUBGRAPH_START_FAILED';
    process.stderr.write(`${code}: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  }
}

async function open(
  name: string,
  start: Start,
  configuration: Configuration,
): Promise<{ running: RunningSubgraph; close: () => Promise<void> }> {
  const { dataFolder, masterKey, tokenIssuer, tokenAudience, jwksUri } = configuration;
  const logger = createLogger({ name, level: configuration.logLevel });
  const metrics = createMetrics({ processMetrics: true });
  const network = await loadConnectionProfile(configuration.connectionProfile);
  const store = await SealedStore.open({
    folder: path.join(dataFolder, 'custody'),
    masterKey,
    wrapper: keyWrapperOf(configuration),
  });
  const keys =
    jwksUri === undefined
      ? await createTokenIssuer({ store, issuer: tokenIssuer, audience: tokenAudience })
      : new URL(jwksUri);
  const documents = await connectDocuments(configuration.mongodbUri, `medigraph_${name}`);
  const ledger = connectLedger(network, { organization: configuration.organization, logger, metrics });
  const services: SubgraphServices = {
    ledger,
    custody: openKeyCustody({ store, profile: network }),
    envelopes: createEnvelopeService(),
    tokens: createTokenVerifier({ issuer: tokenIssuer, audience: tokenAudience, keys }),
    documents,
    network,
    limits: acquisitionLimitsOf(configuration),
    logger,
    metrics,
  };
  const close = async (running?: RunningSubgraph): Promise<void> => {
    await running?.close();
    await documents.close();
    await ledger.close();
  };
  try {
    const port = Number(process.env['PORT'] ?? 0);
    const { host, routerJwks, callerProof: proof } = configuration;
    const routerKeys =
      routerJwks === undefined
        ? undefined
        : await assertionKeys(JSON.parse(await readFile(routerJwks, 'utf8')));
    const running = await start(services, { host, port, routerKeys, proof });
    return { running, close: () => close(running) };
  } catch (error) {
    await close();
    throw error;
  }
}
