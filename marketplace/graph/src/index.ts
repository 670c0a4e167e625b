export {
  breakingChanges,
  type BreakingChanges,
  type BrokenOperation,
  type SentOperation,
} from './breaking-changes.js';
export { contractMetadata } from './contract-metadata.js';
export {
  DAppGraphs,
  type CoreGraph,
  type DAppChange,
  type DAppGraphsOptions,
  type DAppRelease,
  type FollowOptions,
} from './dapp-graphs.js';
export { dappGraphErrorCodes, type DAppGraphErrorCode } from './error-codes.js';
export * from './errors.js';
export { executableGraph, type ExecutableGraph } from './executable-graph.js';
export { graphModel, type GraphManifest, type GraphModel } from './graph-model.js';
export { type Installations } from './installations.js';
export { readMetadata, type ChaincodeMetadata } from './metadata.js';
export { printSubgraph } from './print-subgraph.js';
export { type DAppWebhooks } from './dapp-graph-host.js';
export { defaultPace, type WebhookMeans, type WebhookPace } from './webhooks/webhook-delivery.js';
export { WebhookPost, type WebhookPostOptions } from './webhooks/webhook-post.js';
