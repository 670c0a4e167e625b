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
import { RecordsContext } from './context.js';
import { ContributionLimits } from './contributions/contribution-limits.js';
import { ContributionResolvers } from './contributions/contribution-resolvers.js';
import { EntryProvenance } from './provenance/provenance-resolvers.js';
import { ImportBook } from './history/import-book.js';
import { ImportMutations } from './history/history-mutations.js';
import { importOf, ImportQueries, PatientImports } from './history/history-resolvers.js';
import { ImportResolvers } from './imports/import-resolvers.js';
import { ImportPages } from './imports/import-pages.js';
import { FilePages } from './files/file-pages.js';
import { FileService } from './files/file-service.js';
import { FileSweep } from './files/file-sweep.js';
import { SweepQueries } from './files/sweep-queries.js';
import { EntryAttachments, UploadResolvers } from './files/upload-resolvers.js';
import { PagesByPath } from './pages.js';
import { RecordMutations } from './mutations.js';
import { entryOf, institutionNode, patientNode } from './nodes.js';
import { EntryQueries, PatientRecords } from './queries.js';
import { EntryIndex } from './read-model.js';
import { DraftStore } from './large/draft-store.js';
import { DraftSweep } from './large/draft-sweep.js';
import { KeyRewrapping } from './rewrapping/key-rewrapping.js';
import { KeyRotations } from './rewrapping/key-rotations.js';
import { ProgressStore } from './rewrapping/progress-store.js';
import { RewrapQueries } from './rewrapping/rewrap-queries.js';
import { Seals } from './rewrapping/seals.js';
import { RecordSubscriptions } from './subscriptions.js';

const resolvers: Subgraph<RecordsContext>['resolvers'] = [
  EntryQueries,
  PatientRecords,
  EntryAttachments,
  RecordMutations,
  ImportResolvers,
  ImportQueries,
  PatientImports,
  ImportMutations,
  RewrapQueries,
  SweepQueries,
  ContributionResolvers,
  EntryProvenance,
  UploadResolvers,
  RecordSubscriptions,
];

const references: Subgraph<RecordsContext>['references'] = {
  Entry: async ({ id }, { loaders }) => {
    const found = await loaders.entries.load(id);
    return found && entryOf(found);
  },
  Import: async ({ id }, { loaders }) => {
    const found = await loaders.imports.load(id);
    return found && importOf(found);
  },
  // What hangs on these is decided field by field; the ids themselves say nothing.
  Patient: ({ id }) => patientNode(id),
  Institution: ({ id }) => institutionNode(id),
};

/** SDL of the subgraph. */
export const printSchema = (): string => printFederatedSchema(resolvers);

/** The subgraph of record entries and of the data linker. */
export function createRecordsSubgraph({
  documents,
  network,
  limits = defaultAcquisitionLimits,
}: ReadModelServices & Pick<SubgraphServices, 'limits'>): Subgraph<RecordsContext> {
  const index = new EntryIndex(documents.connection, network);
  const book = new ImportBook(documents.connection, network);
  const files = new FileService(documents.connection, limits);
  const drafts = new DraftStore(documents.connection);
  const contributions = new ContributionLimits(limits.contributionsPerMinute);
  const rotations = new KeyRotations(documents.connection, network);
  const seals = new Seals(documents.connection, network);
  const progress = new ProgressStore(documents.connection);
  let sweep: FileSweep | undefined;
  return {
    name: 'records',
    resolvers,
    references,
    projections: [index, book, rotations, seals],
    createContext: (parts) =>
      new RecordsContext(parts, {
        index,
        book,
        files,
        drafts,
        limits,
        contributions,
        rotations,
        progress,
        sweep: () => sweep,
      }),
    pages: () => new PagesByPath(new FilePages(files), new ImportPages(limits)),
    work: (services, relations) => {
      const { logger, metrics } = services;
      const sweeping = (sweep = new FileSweep({ files, index, logger, metrics }).start());
      const rewrapping = new KeyRewrapping({ services, rotations, relations, seals, progress }).start();
      const clearing = new DraftSweep({ drafts, services }).start();
      return async () => {
        await Promise.all([sweeping.stop(), rewrapping.stop(), clearing.stop()]);
      };
    },
  };
}

/** Serves it. */
export function startRecordsSubgraph(
  services: SubgraphServices,
  options?: SubgraphOptions,
): Promise<RunningSubgraph> {
  return startSubgraph(createRecordsSubgraph(services), services, options);
}
