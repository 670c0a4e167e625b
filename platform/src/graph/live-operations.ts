import {
  type ExecutionArgs,
  type ExecutionResult,
  type FormattedExecutionResult,
  GraphQLError,
  type GraphQLFormattedError,
  type GraphQLSchema,
  parse,
  validate,
} from 'graphql';
import { type Caller } from '../identity/index.js';
import { TokenExpired } from './errors.js';
import { type ErrorFormatter } from './format-error.js';

/** @see LiveOperations */
export interface LiveOperationsOptions<Context extends object> {
  readonly schema: GraphQLSchema;
  readonly errors: ErrorFormatter;
  readonly createContext: (caller: Caller) => Context;
  /** Cursor of where the stream of a subscription begins, once it has begun. */
  readonly startOf: (context: Context) => string | undefined;
}

/** What a subscriber asks for, by whichever way. */
export interface LiveRequest {
  readonly query: string;
  readonly operationName?: string | null;
  readonly variables?: Readonly<Record<string, unknown>> | null;
}

/** A subscription that may begin. */
export interface PreparedLiveOperation<Context extends object> extends ExecutionArgs {
  readonly contextValue: Context;
}

/** What every way to subscribe has in common: who may, to what, where the stream begins, and how failures are told. */
export class LiveOperations<Context extends object> {
  readonly #options: LiveOperationsOptions<Context>;

  constructor(options: LiveOperationsOptions<Context>) {
    this.#options = options;
  }

  /** Checks an operation of a caller. A list says why it may not begin. */
  prepare(
    caller: Caller | undefined,
    { query, operationName, variables }: LiveRequest,
  ): PreparedLiveOperation<Context> | readonly GraphQLError[] {
    const { schema, createContext } = this.#options;
    if (caller === undefined || Date.now() >= caller.expiresAt * 1000) {
      const expired = new TokenExpired();
      return [new GraphQLError(expired.message, { originalError: expired })];
    }
    const document = validDocument(schema, query);
    if (Array.isArray(document)) return document;
    return {
      schema,
      document,
      operationName,
      variableValues: variables,
      contextValue: createContext(caller),
    };
  }

  /** The results of a subscription that has begun; after a mark of where, if that is known. */
  marked(
    results: AsyncIterableIterator<ExecutionResult>,
    context: Context,
  ): AsyncIterableIterator<ExecutionResult> {
    const cursor = this.#options.startOf(context);
    return cursor === undefined ? results : afterMark(results, cursor);
  }

  /** A result as clients get it. */
  formatted({ errors, ...result }: ExecutionResult): FormattedExecutionResult {
    return errors ? { ...result, errors: this.formattedErrors(errors) } : result;
  }

  formattedErrors(errors: readonly GraphQLError[]): readonly GraphQLFormattedError[] {
    return errors.map((error) => this.#options.errors.ofExecution(error));
  }
}

/** The results after a mark of where they begin. */
function afterMark(
  results: AsyncIterableIterator<ExecutionResult>,
  cursor: string,
): AsyncIterableIterator<ExecutionResult> {
  let begun = false;
  return {
    next() {
      if (begun) return results.next();
      begun = true;
      return Promise.resolve({ done: false, value: { extensions: { cursor } } });
    },
    return: () => results.return?.() ?? Promise.resolve({ done: true, value: undefined }),
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

function validDocument(schema: GraphQLSchema, query: string): ExecutionArgs['document'] | GraphQLError[] {
  try {
    const document = parse(query, { maxTokens: 10_000 });
    const problems = validate(schema, document);
    return problems.length > 0 ? [...problems] : document;
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error;
    const { message, source, positions } = error;
    return [new GraphQLError(message, { source, positions, extensions: { code: 'GRAPHQL_PARSE_FAILED' } })];
  }
}
