import { buildSubgraphSchema } from '@apollo/subgraph';
import { requireWriteScope, type GraphContext } from '@medigraph/platform/graph';
import { dateScalar, dateTimeScalar } from '@medigraph/schema/scalars';
import { parse, type GraphQLFieldResolver, type GraphQLSchema } from 'graphql';
import { GraphQLJSON, GraphQLSafeInt } from 'graphql-scalars';
import { type DAppContext, type Evaluation } from './dapp-context.js';
import { dappEvents, type DAppEvent } from './dapp-events.js';
import { DAppMetadataInvalid } from './errors.js';
import {
  type Entity,
  type Extension,
  type GraphModel,
  type Operation,
  type Reference,
} from './graph-model.js';
import { printSubgraph, versionField } from './print-subgraph.js';
import { encodeArgument } from './values.js';

type Context = GraphContext<DAppContext>;
type Given = Readonly<Record<string, unknown>>;
type Resolver = GraphQLFieldResolver<unknown, Context, Record<string, unknown>>;

/** A DApp's part of the graph. */
export interface ExecutableGraph {
  readonly model: GraphModel;
  /** Federation 2. */
  readonly sdl: string;
  readonly schema: GraphQLSchema;
}

/**
 * The executable schema of a DApp: mutations submit, queries and extensions evaluate, all as whoever calls.
 * @throws `DAPP_METADATA_INVALID` where the types make no schema, such as inputs that contain themselves without end.
 */
export function executableGraph(model: GraphModel): ExecutableGraph {
  const sdl = printSubgraph(model);
  try {
    const schema = buildSubgraphSchema([{ typeDefs: parse(sdl), resolvers: resolversOf(model) as never }]);
    return { model, sdl, schema };
  } catch (error) {
    const [problem] = error instanceof Error ? error.message.split('\n', 1) : [];
    throw new DAppMetadataInvalid('metadata', problem ?? 'are no schema', { cause: error });
  }
}

function resolversOf(model: GraphModel): Record<string, unknown> {
  const { queries, mutations, events, entities, extensions, references, namespace, version } = model;
  const resolvers: Record<string, Record<string, unknown>> = { Query: {} };
  const add = (type: string, field: string, resolve: unknown): void => {
    (resolvers[type] ??= {})[field] = resolve;
  };
  add('Query', versionField(model), (_root: unknown, _given: Given, { request }: Context) =>
    request.requireInstalled().then(() => version),
  );
  for (const { field, operation } of queries) add('Query', field, queryResolver(operation));
  for (const { field, operation } of mutations) add('Mutation', field, mutationResolver(operation));
  for (const event of events)
    add('Subscription', event.field, {
      subscribe: (_root: unknown, given: Given, { request }: Context) =>
        dappEvents(request, event, present(given)),
      resolve: (payload: DAppEvent) => payload,
    });
  for (const entity of entities)
    add(
      `${namespace.type}${entity.type}`,
      '__resolveReference',
      async (given: Given, { request }: Context) =>
        (await request.installed()) ? found(request, entity, given[entity.key]) : null,
    );
  for (const reference of references)
    add(`${namespace.type}${reference.type}`, reference.field, referenceResolver(reference));
  for (const extension of extensions) add(extension.type, extension.field, extensionResolver(extension));
  return {
    ...resolvers,
    Date: dateScalar,
    DateTime: dateTimeScalar,
    JSON: GraphQLJSON,
    SafeInt: GraphQLSafeInt,
  };
}

function queryResolver(operation: Operation): Resolver {
  return async (_root, given, { request }) => {
    await request.requireInstalled();
    return request.answer(evaluation(operation, (name) => given[name]));
  };
}

function mutationResolver(operation: Operation): Resolver {
  return async (_root, given, { request }) => {
    requireWriteScope(request.caller);
    await request.requireInstalled();
    const { idempotencyKey } = given;
    return request.perform(
      evaluation(operation, (name) => given[name]),
      typeof idempotencyKey === 'string' ? idempotencyKey : undefined,
    );
  };
}

/** To whoever has not installed the DApp, there is nothing of it on the types of the core. */
function extensionResolver({ find, from, many }: Extension): Resolver {
  const nothing = many === undefined && find.returns?.kind === 'list' ? [] : null;
  return async (parent, given, { request }) => {
    if (!(await request.installed())) return nothing;
    const source = parent as Given;
    const valueOf = (name: string): unknown => {
      const field = from.get(name);
      return field === undefined ? given[name] : source[field];
    };
    if (many === undefined) return request.answer(evaluation(find, valueOf));
    return answerOf(request, find, { many, valueOf });
  };
}

/** An entity of the DApp; nothing where there is none of that key. */
function found(request: DAppContext, { find, by, many }: Entity, key: unknown): Promise<unknown> {
  const valueOf = (): unknown => key;
  return many ? answerOf(request, find, { many: by, valueOf }) : request.answer(evaluation(find, valueOf));
}

/** What an evaluation for many answers for one of them. */
function answerOf(
  request: DAppContext,
  find: Operation,
  { many, valueOf }: { readonly many: string; readonly valueOf: (parameter: string) => unknown },
): Promise<unknown> {
  const value = valueOf(many);
  if (value === undefined || value === null) return Promise.resolve(null);
  // Of the same arguments but for the one that is a list: these are asked together.
  const { arguments: group } = evaluation(find, (name) => (name === many ? [] : valueOf(name)));
  return request.answerAmong({
    group: JSON.stringify([find.contract, find.transaction, ...group]),
    value,
    evaluationOf: (values) => evaluation(find, (name) => (name === many ? values : valueOf(name))),
  });
}

/** What a field has the key of. Of the core, nothing but the key is known here. */
function referenceResolver({ source, to }: Reference): Resolver {
  return (parent, _given, { request }) => {
    const lead = (key: unknown): unknown => {
      if (key === null || key === undefined) return null;
      return 'core' in to ? { __typename: to.core, id: key } : found(request, to.own, key);
    };
    const keys = (parent as Given)[source];
    return Array.isArray(keys) ? keys.map(lead) : lead(keys);
  };
}

function evaluation(operation: Operation, valueOf: (parameter: string) => unknown): Evaluation {
  const texts = operation.parameters.map(({ name, shape }) =>
    encodeArgument(shape, withoutNulls(valueOf(name))),
  );
  return { operation, arguments: texts };
}

/** GraphQL says null for what is not given, contracts leave it out. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== 'object' || value === null) return value;
  return present(
    Object.fromEntries(Object.entries(value).map(([name, member]) => [name, withoutNulls(member)])),
  );
}

const present = (given: Given): Given =>
  Object.fromEntries(Object.entries(given).filter(([, value]) => value !== null && value !== undefined));
