import { ROOT_CONTEXT, type Context, type Span } from '@opentelemetry/api';
import { type OperationOrigin } from '../operations/prepared-operation.js';

/** The span of an operation, and the context of what is part of it. */
export interface OperationTrace {
  readonly span: Span;
  readonly within: Context;
}

/** Of the operations under way, where they are traced. */
export const operationTraces = new WeakMap<OperationOrigin, OperationTrace>();

/** What is part of an operation goes here. */
export function contextOfOperation(origin: OperationOrigin | undefined): Context {
  return (origin && operationTraces.get(origin)?.within) ?? ROOT_CONTEXT;
}
