import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { type Configuration } from '@medigraph/platform/config';
import { connectDocuments, type Documents } from '@medigraph/platform/documents';
import { createEnvelopeService } from '@medigraph/platform/envelope';
import { acquisitionLimitsOf, type RunningSubgraph } from '@medigraph/platform/graph';
import { connectLedger, loadConnectionProfile } from '@medigraph/platform/ledger';
import { createLogger, createMetrics } from '@medigraph/platform/telemetry';
import { startRouter } from '@medigraph/router';
import { openIdentity } from './identity.js';
import { databaseOf, subgraphs } from './subgraphs.js';

const supergraphFile = fileURLToPath(import.meta.resolve('@medigraph/schema/supergraph.graphql'));

/** The subgraphs and the router in one process. */
export interface Platform {
  /** Address of the graph. */
  readonly url: string;
  close(): Promise<void>;
}

/** Starts the subgraphs, each on a free loopback port and a database of its own, then the router before them. */
export async function startPlatform(configuration: Configuration): Promise<Platform> {
  const logger = createLogger({ name: 'platform', level: configuration.logLevel });
  const metrics = createMetrics({ processMetrics: true });
  const network = await loadConnectionProfile(configuration.connectionProfile);
  const { custody, issuer, verifier } = await openIdentity(configuration, network);
  const ledger = connectLedger(network, { organization: configuration.organization, logger, metrics });
  const running: RunningSubgraph[] = [];
  const databases: Documents[] = [];
  const closeAll = async () => {
    await Promise.all(running.map((subgraph) => subgraph.close()));
    await Promise.all(databases.map((database) => database.close()));
    await ledger.close();
  };
  try {
    await Promise.all(
      Object.entries(subgraphs).map(async ([name, { start }]) => {
        const documents = await connectDocuments(configuration.mongodbUri, databaseOf(name));
        databases.push(documents);
        const shared = { ledger, custody, envelopes: createEnvelopeService(), tokens: verifier, network };
        const limits = acquisitionLimitsOf(configuration);
        running.push(await start({ ...shared, limits, documents, logger, metrics }));
      }),
    );
    const router = await startRouter({
      supergraph: await readFile(supergraphFile, 'utf8'),
      subgraphs: Object.fromEntries(
        running.map(({ name, url, wsUrl, inProcess }) => [name, { url, wsUrl, inProcess }]),
      ),
      verifier,
      host: configuration.host,
      port: configuration.port,
      jwks: () => issuer.jwks(),
      registry: metrics.registry,
      log: logger.child({ part: 'router' }),
    });
    return {
      url: router.url,
      async close() {
        await router.close();
        await closeAll();
      },
    };
  } catch (error) {
    await closeAll();
    throw error;
  }
}
