import {
  printFederatedSchema,
  type ReadModelServices,
  type RunningSubgraph,
  startSubgraph,
  type Subgraph,
  type SubgraphOptions,
  type SubgraphServices,
} from '@medigraph/platform/graph';
import { PatientsContext } from './context.js';
import { RegistrationMutations } from './mutations.js';
import { institutionOf, patientOf, practitionerOf } from './nodes.js';
import { InstitutionQueries, MeQueries, PatientQueries, PractitionerQueries } from './queries.js';
import { PatientSubscriptions } from './subscriptions.js';
import { RecoveryBook } from './recovery/recovery-book.js';
import { RecoveryResolvers } from './recovery/resolvers.js';
import { Registry } from './read-model.js';
import { WalletMutations } from './wallet/mutations.js';

const resolvers: Subgraph<PatientsContext>['resolvers'] = [
  PatientQueries,
  InstitutionQueries,
  PractitionerQueries,
  MeQueries,
  RegistrationMutations,
  WalletMutations,
  PatientSubscriptions,
  RecoveryResolvers,
];

const references: Subgraph<PatientsContext>['references'] = {
  Patient: async ({ id }, { loaders }) => {
    const found = await loaders.patients.load(id);
    return found && patientOf(found);
  },
  Institution: async ({ id }, { loaders }) => {
    const found = await loaders.institutions.load(id);
    return found && institutionOf(found);
  },
  Practitioner: async ({ id }, { loaders }) => {
    const found = await loaders.practitioners.load(id);
    return found && practitionerOf(found);
  },
};

/** SDL of the subgraph. */
export const printSchema = (): string => printFederatedSchema(resolvers);

/** The subgraph of who is registered: patients, institutions, practitioners. */
export function createPatientsSubgraph({ documents, network }: ReadModelServices): Subgraph<PatientsContext> {
  const registry = new Registry(documents.connection, network);
  const recoveryBook = new RecoveryBook(documents.connection, network);
  return {
    name: 'patients',
    resolvers,
    references,
    projections: [registry, recoveryBook],
    createContext: (parts) => new PatientsContext(parts, registry, recoveryBook),
  };
}

/** Serves it. */
export function startPatientsSubgraph(
  services: SubgraphServices,
  options?: SubgraphOptions,
): Promise<RunningSubgraph> {
  return startSubgraph(createPatientsSubgraph(services), services, options);
}
