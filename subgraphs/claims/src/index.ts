import {
  printFederatedSchema,
  type ReadModelServices,
  type RunningSubgraph,
  startSubgraph,
  type Subgraph,
  type SubgraphOptions,
  type SubgraphServices,
} from '@medigraph/platform/graph';
import { ClaimsContext } from './context.js';
import { ClaimMutations } from './mutations.js';
import { claimOf, coverageOf, institutionNode, patientNode } from './nodes.js';
import { ClaimItemFields, ClaimQueries, CoverageQueries, PatientClaims } from './queries.js';
import { ClaimBook } from './read-model.js';
import { ClaimSubscriptions } from './subscriptions.js';

const resolvers: Subgraph<ClaimsContext>['resolvers'] = [
  ClaimQueries,
  ClaimItemFields,
  CoverageQueries,
  PatientClaims,
  ClaimMutations,
  ClaimSubscriptions,
];

const references: Subgraph<ClaimsContext>['references'] = {
  Claim: async ({ id }, { loaders }) => {
    const found = await loaders.claims.load(id);
    return found && claimOf(found);
  },
  Coverage: async ({ id }, { loaders }) => {
    const found = await loaders.coverages.load(id);
    return found && coverageOf(found);
  },
  // What hangs on these is decided field by field; the ids themselves say nothing.
  Patient: ({ id }) => patientNode(id),
  Institution: ({ id }) => institutionNode(id),
};

/** SDL of the subgraph. */
export const printSchema = (): string => printFederatedSchema(resolvers);

/** The subgraph of coverages and claims. */
export function createClaimsSubgraph({ documents, network }: ReadModelServices): Subgraph<ClaimsContext> {
  const book = new ClaimBook(documents.connection, network);
  return {
    name: 'claims',
    resolvers,
    references,
    projections: [book],
    createContext: (parts) => new ClaimsContext(parts, book),
  };
}

/** Serves it. */
export function startClaimsSubgraph(
  services: SubgraphServices,
  options?: SubgraphOptions,
): Promise<RunningSubgraph> {
  return startSubgraph(createClaimsSubgraph(services), services, options);
}
