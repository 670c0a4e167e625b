import { type Connection } from 'mongoose';
import { type Logger } from 'pino';
import { type EnvelopeService } from '../envelope/index.js';
import { type KeyCustody, type TokenVerifier } from '../identity/index.js';
import { type ConnectionProfile, type LedgerClient } from '../ledger/index.js';
import { type Projection, type Projector } from '../projection/index.js';

/** What a subgraph stands on. The launcher makes them once for all subgraphs of a process; a standalone server its own. */
export interface SubgraphServices {
  readonly ledger: LedgerClient;
  readonly custody: KeyCustody;
  readonly envelopes: EnvelopeService;
  readonly tokens: TokenVerifier;
  /** Database of the read models. */
  readonly documents: Connection;
  /** Which channels there are, and under which name each contract suite runs on them. */
  readonly network: ConnectionProfile;
  readonly logger: Logger;
  /** A projector of its own for each subgraph, so that one read model never waits for another. */
  createProjector(name: string, projections: readonly Projection[]): Projector;
}
