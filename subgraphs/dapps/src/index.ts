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
import { DAppsContext } from './context.js';
import { DAppFields, DAppInstallationFields, DAppReleaseFields } from './fields.js';
import { InstallingMutations } from './installing/installing-mutations.js';
import { consentNode, dappOf, institutionNode, publisherOf } from './nodes.js';
import { PackagePages } from './packages/package-pages.js';
import { PublishingMutations } from './publishing-mutations.js';
import { keepClients } from './credentials/client-keeper.js';
import { CredentialMutations } from './credentials/credential-mutations.js';
import { DAppQueries } from './queries.js';
import { DAppBook } from './read-model.js';
import { ReviewMutations } from './review-mutations.js';
import { type DAppChange, dappChanges, type Installations, installationsOf } from './running-dapps.js';
import { DAppSubscriptions } from './subscriptions.js';

export { type DAppChange, type Installations } from './running-dapps.js';

const resolvers: Subgraph<DAppsContext>['resolvers'] = [
  DAppQueries,
  DAppFields,
  DAppReleaseFields,
  DAppInstallationFields,
  PublishingMutations,
  ReviewMutations,
  InstallingMutations,
  CredentialMutations,
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

type CreationServices = ReadModelServices & Pick<SubgraphServices, 'limits'>;

/** The subgraph of the registry of DApps. */
export function createDAppsSubgraph(services: CreationServices): Subgraph<DAppsContext> {
  return subgraphOf(bookOf(services), packagesOf(services));
}

/** The registry's subgraph, and what the platform beside it asks of the registry. */
export interface RunningDAppsSubgraph extends RunningSubgraph {
  readonly installations: Installations;
  /** Packages by their digests, for stewards in the same process. */
  readonly packages: PackageStore;
  /** First every DApp that runs now, then what follows on the ledger, until the signal. */
  dappChanges(signal: AbortSignal): AsyncIterable<DAppChange>;
}

/** Serves it. */
export async function startDAppsSubgraph(
  services: SubgraphServices,
  options?: SubgraphOptions,
): Promise<RunningDAppsSubgraph> {
  const book = bookOf(services);
  const packages = packagesOf(services);
  const running = await startSubgraph(subgraphOf(book, packages), services, options);
  const { projector } = running;
  const logger = services.logger.child({ subgraph: running.name });
  const { dappClients: clients } = services;
  const stopKeeping = clients && keepClients({ projector, book, clients, logger });
  return {
    ...running,
    async close() {
      await stopKeeping?.();
      await running.close();
    },
    installations: installationsOf(book),
    packages,
    dappChanges: (signal) => dappChanges({ projector, book, logger, signal }),
  };
}

const bookOf = ({ documents, network }: ReadModelServices): DAppBook =>
  new DAppBook(documents.connection, network);

const packagesOf = ({ documents, limits = defaultAcquisitionLimits }: CreationServices): PackageStore =>
  new PackageStore({ connection: documents.connection, packageBytes: limits.packageBytes });

function subgraphOf(book: DAppBook, packages: PackageStore): Subgraph<DAppsContext> {
  return {
    name: 'dapps',
    resolvers,
    references,
    projections: [book],
    createContext: (parts) => new DAppsContext(parts, book, packages),
    pages: () => new PackagePages(),
  };
}
