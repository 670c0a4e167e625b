import { type ConstDirectiveNode, type GraphQLFieldResolver, type GraphQLSchema, print } from 'graphql';
import { Directive } from 'type-graphql';
import { type GraphContext, type RequestContext } from './request-context.js';

const directive = '@policy(policies: [["mfa"]])';

/**
 * Marks a mutation for which a password is not enough: the router asks for a second factor (`STEP_UP_REQUIRED`), and so does the
 * subgraph, whichever way the mutation comes.
 */
export const SecondFactor = (): MethodDecorator => Directive(directive);

const isSecondFactor = (node: ConstDirectiveNode): boolean => print(node) === directive;

type Resolver = GraphQLFieldResolver<unknown, GraphContext<Pick<RequestContext, 'requireAcr'>>>;

/** The same mutations; those marked with {@link SecondFactor} for callers who have shown it. */
export function surelyAuthenticated(
  schema: GraphQLSchema,
  mutations: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const fields = schema.getMutationType()?.getFields() ?? {};
  return Object.fromEntries(
    Object.entries(mutations).map(([name, resolve]) => {
      const marked = fields[name]?.astNode?.directives?.some(isSecondFactor) ?? false;
      if (!marked) return [name, resolve];
      const sure: Resolver = (root, args, context, info) => {
        context.request.requireAcr();
        return (resolve as Resolver)(root, args, context, info);
      };
      return [name, sure];
    }),
  );
}
