import { type IncomingHttpHeaders } from 'node:http';
import { type GraphQLSchema, type OperationTypeNode } from 'graphql';
import { type Authentication } from '../authentication.js';
import { type WithheldFields } from '../engine/withheld-fields.js';
import { type ValidDocument } from './document-cache.js';

/** By which way an operation came in. */
export type TransportName = 'http' | 'sse' | 'websocket';

/** Who sent an operation, and how. One object for each operation, the same at every hook. */
export interface OperationOrigin {
  readonly transport: TransportName;
  readonly requestId: string;
  readonly authentication: Authentication;
  /** Address of the client, as far as trusted proxies tell it. */
  readonly address?: string;
  /** Of the HTTP request; of a WebSocket, those that it was opened with. */
  readonly headers?: Readonly<IncomingHttpHeaders>;
}

/** An operation that passed every check and waits to be executed. */
export interface PreparedOperation extends ValidDocument {
  readonly type: OperationTypeNode;
  readonly schema: GraphQLSchema;
  readonly operationName?: string;
  /** As the client sent them. */
  readonly variables: Readonly<Record<string, unknown>>;
  /** The variables as GraphQL coerces them, with their defaults. */
  readonly values: Readonly<Record<string, unknown>>;
  /** Objects that the answer may have; see `costOf`. */
  readonly cost: number;
  /** Fields that this caller is not given. */
  readonly withheld?: WithheldFields;
}
