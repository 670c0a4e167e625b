import { wholeScope } from '@medigraph/schema';
import { type GraphQLFieldResolver } from 'graphql';
import { type Caller } from '../identity/index.js';
import { Forbidden } from './errors.js';
import { type GraphContext, type RequestContext } from './request-context.js';

/**
 * A token that says what it is for must name {@link wholeScope} to change anything; with other scopes alone it reads. A
 * token that carries no scopes is not narrowed.
 * @throws `FORBIDDEN`
 */
export function requireWriteScope({ scopes }: Pick<Caller, 'scopes'>): void {
  if (scopes.size > 0 && !scopes.has(wholeScope))
    throw new Forbidden(`The scopes of your token only allow reading; changing needs ${wholeScope}.`);
}

type Resolver = GraphQLFieldResolver<unknown, GraphContext<Pick<RequestContext, 'caller'>>>;

/** The same mutations, on whichever way they come, for callers whose scopes allow them. */
export function scopedMutations(mutations: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(mutations).map(([name, resolve]) => {
      const scoped: Resolver = (root, args, context, info) => {
        requireWriteScope(context.request.caller);
        return (resolve as Resolver)(root, args, context, info);
      };
      return [name, scoped];
    }),
  );
}
