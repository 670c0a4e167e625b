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
import { Custodian } from './custodian.js';
import { emergencyAccessOf, EmergencyResolvers } from './emergency.js';
import { EmergencyPolicyResolvers } from './emergency-policy.js';
import { ConsentMutations } from './mutations.js';
import { consentOf, entryNode, institutionNode, openingOf, patientNode } from './nodes.js';
import { ConsentQueries, OpenedEntryFields, PatientAudit, PatientConsents } from './queries.js';
import { ConsentBook } from './read-model.js';
import { ConsentSubscriptions } from './subscriptions.js';

const resolvers: Subgraph<ConsentContext>['resolvers'] = [
  ConsentQueries,
  PatientConsents,
  PatientAudit,
  OpenedEntryFields,
  ConsentMutations,
  ConsentSubscriptions,
  EmergencyResolvers,
  EmergencyPolicyResolvers,
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
  EmergencyAccess: ({ id }, context) => emergencyAccessOf(context, id),
  // What hangs on these is decided field by field; the ids themselves say nothing.
  Patient: ({ id }) => patientNode(id),
  Institution: ({ id }) => institutionNode(id),
  Entry: ({ id }) => entryNode(id),
};

/** SDL of the subgraph. */
export const printSchema = (): string => printFederatedSchema(resolvers);

/** The subgraph of access requests, consents, emergency accesses and the audit trail. */
export function createConsentSubgraph(services: ReadModelServices): Subgraph<ConsentContext> {
  return subgraphOf(new ConsentBook(services.documents.connection, services.network));
}

/** Serves it, and discloses keys in emergencies for those custodians whose keys are kept here. */
export async function startConsentSubgraph(
  services: SubgraphServices,
  options?: SubgraphOptions,
): Promise<RunningSubgraph> {
  const book = new ConsentBook(services.documents.connection, services.network);
  const running = await startSubgraph(subgraphOf(book), services, options);
  const custodian = new Custodian(services, running.projector, book);
  custodian.start();
  return {
    ...running,
    async close() {
      await custodian.stop();
      await running.close();
    },
  };
}

function subgraphOf(book: ConsentBook): Subgraph<ConsentContext> {
  return {
    name: 'consent',
    resolvers,
    references,
    projections: [book],
    createContext: (parts) => new ConsentContext(parts, book),
  };
}
