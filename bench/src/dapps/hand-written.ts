import { buildSubgraphSchema } from '@apollo/subgraph';
import {
  callerOf,
  Forbidden,
  type GraphContext,
  hostInProcess,
  type InProcessGraph,
  readModelsOf,
  RequestContext,
  type SubgraphServices,
  type SuitePlace,
} from '@medigraph/platform/graph';
import { createProjector } from '@medigraph/platform/projection';
import { type EventLog, type LoggedEvent } from '@medigraph/router/testing';
import { parse } from 'graphql';
import { GraphQLJSON } from 'graphql-scalars';

/** What somebody would write who wrote the bench's subgraph by hand. */
export const handWrittenSdl = `
  extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@authenticated"])
  scalar JSON
  type Query { handWrittenResolve(argument: String!): JSON @authenticated }
  type Subscription { handWrittenTicks(after: String): HandWrittenTick! @authenticated }
  type HandWrittenTick { cursor: String! id: ID! }
`;

/** Who asks, as every subgraph of the house looks at it. */
class HandWrittenContext extends RequestContext {
  protected createLoaders(): object {
    return {};
  }
}

/** The same evaluation as the generated graph's, by the rules of the house, and a stream of ticks. */
export async function handWrittenGraph(
  services: SubgraphServices,
  place: SuitePlace,
  ticks: EventLog<string>,
): Promise<{ readonly graph: InProcessGraph; stop(): Promise<void> }> {
  const { ledger, documents, tokens, logger } = services;
  const name = 'hand_written';
  const { relations, projections } = readModelsOf({ name, projections: [] }, services);
  const projector = createProjector({ name, ledger, connection: documents.connection, projections, logger });
  await projector.start();
  const resolvers = {
    JSON: GraphQLJSON,
    Query: {
      handWrittenResolve: async (
        _root: unknown,
        { argument }: { argument: string },
        { request }: GraphContext<HandWrittenContext>,
      ) => {
        const { institution } = await request.viewer();
        if (institution === undefined) throw new Forbidden('This is for institutions.');
        const call = { contract: 'Registration', transaction: 'Resolve' };
        return request.evaluate({ ...call, argument: JSON.parse(argument) as unknown }, place);
      },
    },
    Subscription: {
      handWrittenTicks: {
        subscribe: (
          _root: unknown,
          { after }: { after?: string | null },
          { request }: GraphContext<HandWrittenContext>,
        ) => {
          const start = ticks.startOf(after ?? undefined);
          request.streamStart = start;
          return ticks.read(start);
        },
        resolve: ({ cursor, event: id }: LoggedEvent<string>) => ({ cursor, id }),
      },
    },
  };
  const hosted = await hostInProcess<GraphContext<HandWrittenContext>>({
    schema: buildSubgraphSchema([{ typeDefs: parse(handWrittenSdl), resolvers: resolvers as never }]),
    createContext: (caller) => ({
      request: new HandWrittenContext({ caller, services, projector, relations }),
    }),
    authenticate: (authorization) => callerOf(authorization, tokens),
    startOf: ({ request }) => request.streamStart,
    bodyLimit: 1_000_000,
    logger,
  });
  const stop = async (): Promise<void> => {
    await hosted.endStreams();
    await hosted.stop();
    await projector.stop();
  };
  return { graph: hosted.graph, stop };
}
