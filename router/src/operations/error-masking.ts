import { GraphQLError, type ExecutionResult } from 'graphql';

const hidden = new GraphQLError('The request could not be completed.', {
  extensions: { code: 'INTERNAL_SERVER_ERROR' },
});

/**
 * The result as clients may see it. An error that a subgraph gave a code keeps its message, its code and the other extensions
 * that were chosen to be shown; one that it did not foresee keeps its path alone. Stack traces never leave.
 */
export function masked(result: ExecutionResult, shownExtensions: ReadonlySet<string>): ExecutionResult {
  if (!result.errors?.length) return result;
  return { ...result, errors: result.errors.map((error) => maskedError(error, shownExtensions)) };
}

function maskedError(error: GraphQLError, shownExtensions: ReadonlySet<string>): GraphQLError {
  const { message, path, extensions } = error;
  const { code } = extensions;
  if (typeof code !== 'string' || code === 'INTERNAL_SERVER_ERROR') {
    return new GraphQLError(hidden.message, { path, extensions: hidden.extensions });
  }
  const shown = Object.entries(extensions).filter(([name]) => name === 'code' || shownExtensions.has(name));
  return new GraphQLError(message, { path, extensions: Object.fromEntries(shown) });
}
