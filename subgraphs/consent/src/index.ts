import {
  printFederatedSchema,
  type ReadModelServices,
  type RunningSubgraph,
  startSubgraph,
  type Subgraph,
  type SubgraphOptions,
  type SubgraphServices,
} from '@medigraph/platform/graph';
import { ConsentContext } from './context.js';
import { ConsentMutations } from './mutations.js';
import { consentOf, entryNode, institutionNode, openingOf, patientNode } from './nodes.js';
import { ConsentQueries, OpenedEntryFields, PatientConsents } from './queries.js';
import { ConsentBook } from './read-model.js';
import { ConsentSubscriptions } from './subscriptions.js';

const resolvers: Subgraph<ConsentContext>['resolvers'] = [
  ConsentQueries,
  PatientConsents,
  OpenedEntryFields,
  ConsentMutations,
  ConsentSubscriptions,
];

const references: Subgraph<ConsentContext>['references'] = {
  Consent: async ({ id }, { loaders }) => {
    const found = await loaders.consents.load(id);
    return found && consentOf(found);
  },
  Opening: async ({ id }, { loaders }) => {
    const found = await loaders.openings.load(id);
    return found && openingOf(found);
  },
  // What hangs on these is decided field by field; the ids themselves say nothing.
  Patient: ({ id }) => patientNode(id),
  Institution: ({ id }) => institutionNode(id),
  Entry: ({ id }) => entryNode(id),
};

/** SDL of the subgraph. */
export const printSchema = (): string => printFederatedSchema(resolvers);

/** The subgraph of access requests, consents and the audit trail. */
export function createConsentSubgraph({ documents, network }: ReadModelServices): Subgraph<ConsentContext> {
  const book = new ConsentBook(documents.connection, network);
  return {
    name: 'consent',
    resolvers,
    references,
    projections: [book],
    createContext: (parts) => new ConsentContext(parts, book),
  };
}

/** Serves it. */
export function startConsentSubgraph(
  services: SubgraphServices,
  options?: SubgraphOptions,
): Promise<RunningSubgraph> {
  return startSubgraph(createConsentSubgraph(services), services, options);
}
