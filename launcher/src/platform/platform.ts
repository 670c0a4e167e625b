import { type Configuration } from '@medigraph/platform/config';
import { type CoreGraph } from '@medigraph/dapp-graph';
import { connectDocuments, type Documents } from '@medigraph/platform/documents';
import { createEnvelopeService } from '@medigraph/platform/envelope';
import { acquisitionLimitsOf, type RunningSubgraph, type SubgraphServices } from '@medigraph/platform/graph';
import { EmbeddedDAppClients } from '@medigraph/platform/identity';
import { connectLedger, loadConnectionProfile } from '@medigraph/platform/ledger';
import { createLogger, createMetrics } from '@medigraph/platform/telemetry';
import { OperationUsageStore } from '@medigraph/platform/usage';
import { OperationUsage, startRouter } from '@medigraph/router';
import { compose, coreSubgraphs } from '@medigraph/schema/composition';
import { startDAppsSubgraph } from '@medigraph/subgraph-dapps';
import { readContracts } from '../dapps/read-contracts.js';
import { type DAppsInGraph, keepDAppsInGraph } from './dapps-in-graph.js';
import { openIdentity } from './identity.js';
import { databaseOf, subgraphs, usageDatabase } from './subgraphs.js';

/** The subgraphs and the router in one process. */
export interface Platform {
  /** Address of the graph. */
  readonly url: string;
  /** Has the graph follow what the contracts of a DApp say of themselves now. */
  refreshDApp(id: string): Promise<void>;
  close(): Promise<void>;
}

/** Starts the subgraphs, each on a free loopback port and a database of its own, then the router before them. */
export async function startPlatform(configuration: Configuration): Promise<Platform> {
  const logger = createLogger({ name: 'platform', level: configuration.logLevel });
  const metrics = createMetrics({ processMetrics: true });
  const network = await loadConnectionProfile(configuration.connectionProfile);
  const { custody, issuer, verifier } = await openIdentity(configuration, network);
  const { oidcIssuer, dappClientsSecret, dappClientsUrl } = configuration;
  const dappClients =
    oidcIssuer === undefined || dappClientsSecret === undefined
      ? undefined
      : new EmbeddedDAppClients({
          issuer: oidcIssuer,
          secret: dappClientsSecret,
          ...(dappClientsUrl !== undefined && { url: dappClientsUrl }),
        });
  const ledger = connectLedger(network, { organization: configuration.organization, logger, metrics });
  const running: RunningSubgraph[] = [];
  const databases: Documents[] = [];
  let usage: OperationUsage | undefined;
  let dapps: DAppsInGraph | undefined;
  const closeAll = async () => {
    await dapps?.stop();
    await usage?.close();
    await Promise.all(running.map((subgraph) => subgraph.close()));
    await Promise.all(databases.map((database) => database.close()));
    await ledger.close();
  };
  const documentsFor = async (name: string): Promise<Documents> => {
    const documents = await connectDocuments(configuration.mongodbUri, databaseOf(name));
    databases.push(documents);
    return documents;
  };
  const servicesFor = async (name: string): Promise<SubgraphServices> => {
    const documents = await documentsFor(name);
    const shared = { ledger, custody, envelopes: createEnvelopeService(), tokens: verifier, network };
    return {
      ...shared,
      ...(dappClients && { dappClients }),
      limits: acquisitionLimitsOf(configuration),
      documents,
      logger,
      metrics,
    };
  };
  try {
    const [registry] = await Promise.all([
      servicesFor('dapps').then((services) => startDAppsSubgraph(services, { readBundle: readContracts })),
      ...Object.entries(subgraphs).map(async ([name, { start }]) => {
        if (name !== 'dapps') running.push(await start(await servicesFor(name)));
      }),
    ]);
    running.push(registry);
    const core: CoreGraph = {
      subgraphs: await coreSubgraphs(),
      endpoints: Object.fromEntries(
        running.map(({ name, url, wsUrl, inProcess }) => [name, { url, wsUrl, inProcess }]),
      ),
    };
    const log = logger.child({ part: 'router' });
    const { connection } = await documentsFor(usageDatabase);
    usage = OperationUsage.start({
      sink: new OperationUsageStore({ connection, days: configuration.usageDays }),
      log,
    });
    const router = await startRouter({
      plugins: [usage],
      supergraph: compose(core.subgraphs),
      subgraphs: core.endpoints,
      verifier,
      host: configuration.host,
      port: configuration.port,
      jwks: () => issuer.jwks(),
      registry: metrics.registry,
      log,
    });
    const inGraph = await keepDAppsInGraph({
      core,
      router,
      registry,
      services: await servicesFor('dapp_graphs'),
      privateAddresses: configuration.webhookPrivateAddresses === 'allowed',
    });
    dapps = inGraph;
    return {
      url: router.url,
      refreshDApp: (id) => inGraph.refresh(id),
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
