// First of all: type-graphql's decorators ask for it while the modules below are loaded.
import 'reflect-metadata';

export * from './caller-check.js';
export * from './connection.js';
export * from './coverage.js';
export * from './enumerations.js';
export * from './error-codes.js';
export * from './errors.js';
export * from './federation.js';
export * from './graph-ids.js';
export { type HttpPages } from './http-endpoint.js';
export * from './in-process-graph.js';
export * from './kept-patient.js';
export * from './key-sharing.js';
export * from './ledger-events.js';
export * from './live-events.js';
export * from './network-map.js';
export * from './payload.js';
export * from './read-model.js';
export * from './relations.js';
export * from './request-context.js';
export { SecondFactor } from './second-factor.js';
export * from './serve-subgraph.js';
export * from './services.js';
export * from './shared-types.js';
export * from './subgraph-host.js';
export { requireWriteScope } from './write-scope.js';
