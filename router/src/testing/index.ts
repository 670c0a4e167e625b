export { Clinic } from './clinic.js';
export { PlannerEngine } from './planner-engine.js';
export { SubgraphServer } from './subgraph-server.js';
export { testIssuer, TestTokens } from './test-tokens.js';
export { EventLog, type LoggedEvent } from './event-log.js';
