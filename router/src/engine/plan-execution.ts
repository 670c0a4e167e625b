import { GraphQLError, type ExecutionResult } from 'graphql';
import { RouterError, SubgraphError } from '../errors.js';
import { type SubgraphClient, type SubgraphRequest } from '../subgraphs/subgraph-client.js';
import { type ResponseErrors } from './response-errors.js';
import { type ResponseObject } from './response-object.js';
import { type OperationContext } from './router-engine.js';

type Variables = Readonly<Record<string, unknown>>;

/** What a plan says of one request to a subgraph. */
export interface PlannedRequest {
  readonly subgraph: string;
  readonly operation: SubgraphRequest['operation'];
  readonly query: string;
  readonly operationName?: string;
  /** The client's variables that the query uses. */
  readonly variableUsages: readonly string[];
}

/** One execution of a plan: what was fetched so far and what went wrong. */
export class PlanExecution {
  /** The response as the subgraphs gave it, with fields that only the plan needs. */
  data: ResponseObject = {};
  readonly errors: ResponseErrors;
  /** The client's variables, coerced. */
  readonly variables: Variables;
  readonly #client: SubgraphClient;
  readonly #context: OperationContext;

  constructor(
    client: SubgraphClient,
    context: OperationContext,
    variables: Variables,
    errors: ResponseErrors,
  ) {
    this.#client = client;
    this.#context = context;
    this.variables = variables;
    this.errors = errors;
  }

  /** Asks a subgraph. Every failure is in the result; nothing is asked any more once nobody waits for the answer. */
  async fetch(planned: PlannedRequest, representations?: Variables): Promise<ExecutionResult> {
    const { subgraph } = planned;
    if (this.#context.signal.aborted) return unavailable(subgraph, this.#context.signal.reason);
    try {
      return await this.#client.request(this.request(planned, representations));
    } catch (error) {
      // What stands around a fetch may have refused it.
      return error instanceof RouterError
        ? { errors: error.toGraphQLErrors() }
        : unavailable(subgraph, error);
    }
  }

  /** The request as the client to the subgraphs takes it. */
  request(planned: PlannedRequest, representations?: Variables): SubgraphRequest {
    const { subgraph, operation, query, operationName, variableUsages } = planned;
    const { authorization, requestId, origin, signal } = this.#context;
    let variables: Record<string, unknown> | undefined;
    for (const name of variableUsages) {
      if (Object.hasOwn(this.variables, name)) (variables ??= {})[name] = this.variables[name];
    }
    if (representations) variables = { ...variables, ...representations };
    return { subgraph, operation, query, operationName, variables, authorization, requestId, origin, signal };
  }
}

function unavailable(subgraph: string, cause: unknown): ExecutionResult {
  const message = `The subgraph "${subgraph}" was not asked, or did not answer.`;
  return {
    errors: new SubgraphError('SUBGRAPH_UNAVAILABLE', message, subgraph, { cause }).toGraphQLErrors(),
  };
}

/** What is wrong with an answer that is not what was asked for. */
export function badResponse(subgraph: string, how: string): GraphQLError {
  return new GraphQLError(`The answer of the subgraph "${subgraph}" ${how}.`, {
    extensions: { code: 'SUBGRAPH_BAD_RESPONSE', subgraph },
  });
}
