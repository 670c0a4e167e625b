// The router as a process of its own, configured by environment variables; SIGTERM and SIGINT stop it gracefully.
import { connectDocuments } from '@medigraph/platform/documents';
import { createTokenVerifier } from '@medigraph/platform/identity';
import { createLogger } from '@medigraph/platform/telemetry';
import { startTracing } from '@medigraph/platform/tracing';
import { OperationUsageStore } from '@medigraph/platform/usage';
import { loadRouterConfiguration, routerEnvironment } from './configuration.js';
import { TrustedDocuments } from './operations/persisted-operations.js';
import { startRouter } from './start-router.js';
import { OperationUsage } from './usage/operation-usage.js';

/** Database of the operations that clients send; the steward of DApps reads the same. */
const usageDatabase = 'medigraph_usage';

function help(): string {
  const variables = Object.entries(routerEnvironment).map(
    ([name, meaning]) => `  ${name.padEnd(30)}${meaning}`,
  );
  return [
    'Usage: node dist/server.js [--help]',
    '',
    'Starts the federation router. Environment:',
    ...variables,
    '',
    'MEDIGRAPH_HOST, MEDIGRAPH_PORT, MEDIGRAPH_TOKEN_ISSUER, MEDIGRAPH_TOKEN_AUDIENCE and MEDIGRAPH_LOG_LEVEL mean',
    'what `medigraph config` says.',
    '',
  ].join('\n');
}

async function main(): Promise<void> {
  const { platform, trustedDocuments, drainMs, jwksUri, usageUri, ...options } =
    await loadRouterConfiguration(process.env);
  const stopTracing = await startTracing('medigraph-router');
  const log = createLogger({ name: 'router', level: platform.logLevel });
  const documents = usageUri === undefined ? undefined : await connectDocuments(usageUri, usageDatabase);
  const usage =
    documents &&
    OperationUsage.start({
      sink: new OperationUsageStore({ connection: documents.connection, days: platform.usageDays }),
      log,
    });
  const router = await startRouter({
    ...options,
    plugins: usage && [usage],
    verifier: createTokenVerifier({
      issuer: platform.tokenIssuer,
      audience: platform.tokenAudience,
      keys: jwksUri,
    }),
    host: platform.host,
    port: platform.port,
    persistedOperations:
      trustedDocuments === undefined ? undefined : await TrustedDocuments.read(trustedDocuments),
    log,
  });
  const { url, wsUrl } = router;
  log.info({ url, wsUrl }, 'router serves');
  process.send?.({ type: 'ready', url, wsUrl });
  const stop = (): void => {
    router
      .close(drainMs)
      .then(() => usage?.close())
      .then(() => documents?.close())
      .then(stopTracing)
      .then(
        () => process.exit(0),
        (error: unknown) => {
          log.fatal({ err: error }, 'router could not stop cleanly');
          process.exit(1);
        },
      );
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
}

if (process.argv.includes('--help')) process.stdout.write(help());
else {
  main().catch((error: unknown) => {
    process.stderr.write(`router: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  });
}
