import { type Documents } from '../documents/index.js';
import { type EnvelopeService } from '../envelope/index.js';
import { type DAppClients, type KeyCustody, type TokenVerifier } from '../identity/index.js';
import { type ConnectionProfile, type LedgerClient } from '../ledger/index.js';
import { type AcquisitionLimits } from './acquisition-limits.js';
import { type Logger, type Metrics } from '../telemetry/index.js';

/** What a subgraph stands on. All but the documents may be shared by every subgraph of a process. */
export interface SubgraphServices {
  readonly ledger: LedgerClient;
  readonly custody: KeyCustody;
  readonly envelopes: EnvelopeService;
  readonly tokens: TokenVerifier;
  /** Database of the read models: the subgraph's own. */
  readonly documents: Documents;
  /** Which channels there are, and under which name each contract suite runs on them. */
  readonly network: ConnectionProfile;
  /** How much may be brought in; `defaultAcquisitionLimits` unless given. */
  readonly limits?: AcquisitionLimits;
  /** Where DApps' back ends are registered as clients; absent where the provider is not the platform's to administer. */
  readonly dappClients?: DAppClients;
  readonly logger: Logger;
  readonly metrics?: Metrics;
}

/** What the read models of a subgraph stand on. */
export type ReadModelServices = Pick<SubgraphServices, 'documents' | 'network'>;
