import {
  type ReadModelServices,
  type RunningSubgraph,
  type Subgraph,
  type SubgraphServices,
} from '@medigraph/platform/graph';
import { createClaimsSubgraph, startClaimsSubgraph } from '@medigraph/subgraph-claims';
import { createConsentSubgraph, startConsentSubgraph } from '@medigraph/subgraph-consent';
import { createDAppsSubgraph, startDAppsSubgraph } from '@medigraph/subgraph-dapps';
import { createPatientsSubgraph, startPatientsSubgraph } from '@medigraph/subgraph-patients';
import { createRecordsSubgraph, startRecordsSubgraph } from '@medigraph/subgraph-records';

/** How a subgraph is served, and how it is made for its read models alone. */
interface SubgraphMaker {
  readonly start: (services: SubgraphServices) => Promise<RunningSubgraph>;
  readonly create: (services: ReadModelServices) => Pick<Subgraph<never>, 'name' | 'projections'>;
}

/** The subgraphs of the platform, by name. */
export const subgraphs: Readonly<Record<string, SubgraphMaker>> = {
  patients: { start: startPatientsSubgraph, create: createPatientsSubgraph },
  records: { start: startRecordsSubgraph, create: createRecordsSubgraph },
  consent: { start: startConsentSubgraph, create: createConsentSubgraph },
  claims: { start: startClaimsSubgraph, create: createClaimsSubgraph },
  dapps: { start: startDAppsSubgraph, create: createDAppsSubgraph },
};

/** Database that a subgraph keeps its read models in. */
export const databaseOf = (subgraph: string): string => `medigraph_${subgraph}`;

/** What {@link databaseOf} takes for what is known of operations: no read model, so no rebuild touches it. */
export const usageDatabase = 'usage';
