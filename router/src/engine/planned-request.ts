import { type BatchFetchNode, type FetchNode } from '@graphql-hive/router-query-planner';
import { type PlannedRequest } from './plan-execution.js';

/** The request that a fetch node of a plan stands for. */
export function plannedRequest(node: Omit<FetchNode, 'kind'> | BatchFetchNode): PlannedRequest {
  return {
    subgraph: node.serviceName,
    operation: node.operationKind ?? 'query',
    query: node.operation,
    operationName: node.operationName,
    variableUsages: node.variableUsages ?? [],
  };
}
