import { type ExecutionResult } from 'graphql';
import { type Authentication } from '../authentication.js';
import { type WithheldFields } from '../engine/withheld-fields.js';
import { type RouterError } from '../errors.js';
import { type LiveEvent } from '../live/live-event.js';
import { type OperationRequest } from '../operations/operation-request.js';
import { type OperationOrigin, type PreparedOperation } from '../operations/prepared-operation.js';
import { type SubgraphRequest } from '../subgraphs/subgraph-client.js';

/** What became of an operation. */
export interface OperationOutcome {
  /** Once it was prepared. */
  readonly operation?: PreparedOperation;
  /** What a query or mutation was answered with, as the client sees it. */
  readonly result?: ExecutionResult;
  /** What it was refused with, or what cut its stream. */
  readonly error?: RouterError;
}

/** What a {@link RouterPlugin.request} hook wants. */
export interface RequestDecision {
  /** Goes on in place of what the client sent. */
  readonly request?: OperationRequest;
  /** Called once, when the operation is answered or refused, or its stream has ended. Must not throw. */
  readonly settled?: (outcome: OperationOutcome) => void;
}

/** What a {@link RouterPlugin.plan} hook wants. */
export interface PlanDecision {
  /** Fields that are not asked of any subgraph. */
  readonly withheld?: WithheldFields;
}

/** The stream of one client, to which an event is about to be given. */
export interface EventRecipient {
  readonly operation: PreparedOperation;
  readonly origin: OperationOrigin;
  /** Of the client now: a stream may have been renewed since it began. */
  readonly authentication: Authentication;
}

type Decision<T> = T | undefined | Promise<T | undefined>;

/**
 * A capability of the router that lies outside its executor. Each hook is optional, and costs nothing where no plugin has it. Plugins
 * run in the order in which they are given; of the hooks around a fetch, the first is the outermost. A hook refuses by
 * throwing a `RouterError`, whose code the client gets; anything else that it throws is logged and hidden.
 *
 * docs/reference/router-plugins.md tells the lifecycle.
 */
export interface RouterPlugin {
  /** For the log. */
  readonly name: string;

  /** Runs for each operation, once its client's token is verified and before anything of it is parsed. */
  request?(request: OperationRequest, origin: OperationOrigin): Decision<RequestDecision>;

  /**
   * Runs for each operation that is valid and within the limits, before it is planned and before anything is fetched; of an open
   * stream, again whenever the graph has changed.
   */
  plan?(operation: PreparedOperation, origin: OperationOrigin): Decision<PlanDecision>;

  /**
   * Stands around each query or mutation that is sent to a subgraph. It may change the request, send it once, again or elsewhere, answer
   * in its place, and look at the answer. What it throws becomes the error of this fetch; the rest of the response is still given.
   */
  fetch?(
    request: SubgraphRequest,
    next: (request: SubgraphRequest) => Promise<ExecutionResult>,
  ): Promise<ExecutionResult>;

  /** Stands around each subscription that is opened to a subgraph; clients of equal rights share one. */
  subscribe?(
    request: SubgraphRequest,
    next: (request: SubgraphRequest) => AsyncIterableIterator<ExecutionResult>,
  ): AsyncIterableIterator<ExecutionResult>;

  /**
   * Runs for each event and each client that it is about to be given to. It cannot wait: what is delivered stays in order.
   * @returns false to keep this event from this client. Refusing ends the client's stream.
   */
  event?(event: LiveEvent, recipient: EventRecipient): boolean;
}
