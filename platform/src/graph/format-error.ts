import { randomUUID } from 'node:crypto';
import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import { asDocumentsFailure } from '../documents/index.js';
import { PlatformError } from '../errors/index.js';
import { type Logger } from '../telemetry/index.js';

/**
 * What a client learns of a failure: the platform's and the contracts' own codes as they are, GraphQL's own as they
 * are, and of anything else only that it happened and under which id the log has it.
 */
export class ErrorFormatter {
  readonly #logger: Logger;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** In the shape that Apollo Server asks of `formatError`. */
  readonly format = (formatted: GraphQLFormattedError, error: unknown): GraphQLFormattedError => {
    const { locations, path } = formatted;
    const cause = originOf(error);
    if (cause instanceof PlatformError)
      return {
        message: cause.message,
        locations,
        path,
        extensions: { ...cause.extensions, code: cause.code },
      };
    if (cause instanceof GraphQLError && typeof formatted.extensions?.code === 'string') {
      if (formatted.extensions.code !== 'INTERNAL_SERVER_ERROR')
        return {
          message: formatted.message,
          locations,
          path,
          extensions: { code: formatted.extensions.code },
        };
    }
    return this.#masked(cause, { locations, path });
  };

  /** An error of graphql-js that Apollo Server has not seen. */
  ofExecution(error: GraphQLError): GraphQLFormattedError {
    const code = error.extensions.code ?? (error.originalError ? undefined : 'GRAPHQL_VALIDATION_FAILED');
    return this.format(
      { ...error.toJSON(), extensions: { ...error.extensions, ...(code === undefined ? {} : { code }) } },
      error,
    );
  }

  #masked(cause: unknown, place: Pick<GraphQLFormattedError, 'locations' | 'path'>): GraphQLFormattedError {
    const id = randomUUID();
    this.#logger.error({ err: cause, errorId: id, path: place.path }, 'request failed');
    return {
      ...place,
      message: `Something went wrong here; the log has it under ${id}.`,
      extensions: { code: 'INTERNAL_ERROR', errorId: id },
    };
  }
}

/** The error below the layers that GraphQL puts around it. */
function originOf(error: unknown): unknown {
  let cause = error;
  while (cause instanceof GraphQLError && cause.originalError) cause = cause.originalError;
  // Resolvers ask the read models through mongoose, which has errors of its own for a server that is away.
  return asDocumentsFailure(cause);
}
