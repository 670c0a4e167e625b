export * from './errors.js';
export { type GraphState, type GraphVersion } from './graph/graph-control.js';
export {
  type EventRecipient,
  type OperationOutcome,
  type PlanDecision,
  type RequestDecision,
  type RouterPlugin,
} from './hooks/router-plugin.js';
export {
  mfaContext,
  stepUpPolicy,
  type PolicyEvaluator,
  type PolicyQuestion,
  type PolicyVerdict,
  type StepUp,
} from './access/policies.js';
export { type WithheldFields } from './engine/withheld-fields.js';
export { type OperationOrigin, type PreparedOperation } from './operations/prepared-operation.js';
export { type OperationRequest } from './operations/operation-request.js';
export { type LiveEvent } from './live/live-event.js';
export { startRouter, type RouterOptions, type RunningRouter } from './start-router.js';
export { defaultRouterLimits, type RouterLimits } from './router-limits.js';
export {
  type EngineFactory,
  type EngineOperation,
  type OperationContext,
  type RouterEngine,
} from './engine/router-engine.js';
export { FederationEngine } from './engine/federation-engine.js';
export {
  type HeaderSource,
  type OutgoingMessage,
  type SubgraphClient,
  type SubgraphEndpoint,
  type SubgraphEndpoints,
  type SubgraphRequest,
} from './subgraphs/subgraph-client.js';
export {
  AutomaticPersistedQueries,
  NoPersistedOperations,
  TrustedDocuments,
  type PersistedOperations,
} from './operations/persisted-operations.js';
export {
  OperationUsage,
  type OperationUsageOptions,
  type OperationUsageSink,
  type OperationUse,
} from './usage/operation-usage.js';
