import {
  defaultAcquisitionLimits,
  printFederatedSchema,
  type ReadModelServices,
  type RunningSubgraph,
  startSubgraph,
  type Subgraph,
  type SubgraphOptions,
  type SubgraphServices,
} from '@medigraph/platform/graph';
import { PackageStore } from '@medigraph/platform/packages';
import { DAppsContext, type DAppsStores } from './context.js';
import { DAppFields, DAppInstallationFields, DAppReleaseFields } from './fields.js';
import { InstallingMutations } from './installing/installing-mutations.js';
import { consentNode, dappOf, institutionNode, publisherOf } from './nodes.js';
import { PackagePages } from './packages/package-pages.js';
import { sweepPackages } from './packages/package-sweep.js';
import { type BundleReader } from './operation/bundle-codes.js';
import { type DAppOperation, openOperation } from './operation/dapp-operation.js';
import { LogFields } from './operation/log-fields.js';
import { UsageFields } from './operation/usage-fields.js';
import { WebhookResolvers } from './operation/webhook-resolvers.js';
import { PublishingMutations } from './publishing-mutations.js';
import { keepClients } from './credentials/client-keeper.js';
import { CredentialMutations } from './credentials/credential-mutations.js';
import { DAppQueries } from './queries.js';
import { DAppBook } from './read-model.js';
import { ReviewMutations } from './review-mutations.js';
import { ReviewPolicyResolvers } from './review-policy.js';
import {
  type DAppChange,
  dappChanges,
  type Installations,
  installationsOf,
  publishesHere,
} from './running-dapps.js';
import { DAppSubscriptions } from './subscriptions.js';

export { type BundleReader } from './operation/bundle-codes.js';
export { DAppBook } from './read-model.js';
export { type DAppChange, type Installations } from './running-dapps.js';

const resolvers: Subgraph<DAppsContext>['resolvers'] = [
  DAppQueries,
  DAppFields,
  DAppReleaseFields,
  DAppInstallationFields,
  PublishingMutations,
  ReviewMutations,
  ReviewPolicyResolvers,
  InstallingMutations,
  CredentialMutations,
  UsageFields,
  LogFields,
  WebhookResolvers,
  DAppSubscriptions,
];

const references: Subgraph<DAppsContext>['references'] = {
  DApp: async ({ id }, { loaders }) => {
    const found = await loaders.dapps.load(id);
    return found && dappOf(found);
  },
  Publisher: async ({ id }, { loaders }) => {
    const found = await loaders.publishers.load(id);
    return found && publisherOf(found);
  },
  // What hangs on these is decided field by field; the ids themselves say nothing.
  Consent: ({ id }) => consentNode(id),
  Institution: ({ id }) => institutionNode(id),
};

/** SDL of the subgraph. */
export const printSchema = (): string => printFederatedSchema(resolvers);

/** What the subgraph keeps of the ledger, without serving it. */
export function createDAppsSubgraph(
  services: ReadModelServices,
): Pick<Subgraph<DAppsContext>, 'name' | 'projections'> {
  return { name: 'dapps', projections: [bookOf(services)] };
}

/** The registry's subgraph, and what the platform beside it asks of the registry. */
export interface RunningDAppsSubgraph extends RunningSubgraph {
  readonly installations: Installations;
  readonly operation: DAppOperation;
  /** Whether this platform delivers the web hooks of a DApp: it acts for its publisher's organisation. */
  delivers(dapp: string): Promise<boolean>;
  /** Packages by their digests, for stewards in the same process. */
  readonly packages: PackageStore;
  /** First every DApp that runs now, then what follows on the ledger, until the signal. */
  dappChanges(signal: AbortSignal): AsyncIterable<DAppChange>;
}

/** What the registry's subgraph takes beside what every subgraph does. */
export interface DAppsSubgraphOptions extends SubgraphOptions {
  /** Reads packages; without it, publishers are not told which codes of their own callers got. */
  readonly readBundle?: BundleReader;
}

/** Serves it. */
export async function startDAppsSubgraph(
  services: SubgraphServices,
  { readBundle, ...options }: DAppsSubgraphOptions = {},
): Promise<RunningDAppsSubgraph> {
  const book = bookOf(services);
  const packages = packagesOf(services);
  const logger = services.logger.child({ subgraph: 'dapps' });
  const operation = openOperation({ ...services, logger }, readBundle && { book, packages, readBundle });
  const running = await startSubgraph(subgraphOf({ book, packages, operation }), services, options);
  const { projector } = running;
  const { dappClients: clients } = services;
  const stopKeeping = clients && keepClients({ projector, book, clients, logger });
  return {
    ...running,
    async close() {
      await stopKeeping?.();
      await running.close();
      await operation.close();
    },
    operation,
    installations: installationsOf(book),
    delivers: async (dapp) => publishesHere(book, services.network, dapp),
    packages,
    dappChanges: (signal) => dappChanges({ projector, book, logger, signal }),
  };
}

const bookOf = ({ documents, network }: ReadModelServices): DAppBook =>
  new DAppBook(documents.connection, network);

const packagesOf = ({ documents, limits = defaultAcquisitionLimits }: SubgraphServices): PackageStore =>
  new PackageStore({
    connection: documents.connection,
    packageBytes: limits.packageBytes,
    ownerBytes: limits.publisherPackageBytes,
  });

function subgraphOf(stores: DAppsStores): Subgraph<DAppsContext> {
  return {
    name: 'dapps',
    resolvers,
    references,
    projections: [stores.book],
    createContext: (parts) => new DAppsContext(parts, stores),
    pages: () => new PackagePages(),
    work: ({ logger }) => sweepPackages({ ...stores, logger }),
  };
}
