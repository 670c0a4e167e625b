/** What the servers written by hand have in common: calls to subgraphs, and an edge that checks nothing but the token. */
import { once } from 'node:events';
import { Agent, createServer } from 'node:http';
import { type AddressInfo } from 'node:net';
import { told } from '../part.js';
import { poster } from '../poster.js';
import { tokenCheck } from './token-check.js';

export type Row = Readonly<Record<string, unknown>>;

const endpoints = JSON.parse(told('BENCH_ENDPOINTS')) as Record<string, { readonly url: string }>;
const post = poster(new Agent({ keepAlive: true, maxSockets: 128 }));
const verifier = tokenCheck();

/** The calls that one request makes. */
export interface Calls {
  readonly ask: (subgraph: string, query: string) => Promise<Readonly<Record<string, readonly Row[]>>>;
  /** Entities of a type, in the order of their representations. */
  readonly entities: (
    subgraph: string,
    typename: string,
    representations: readonly object[],
    fields: string,
  ) => Promise<readonly Row[]>;
}

function callsWith(authorization: string): Calls {
  const send = async (subgraph: string, body: object): Promise<Readonly<Record<string, readonly Row[]>>> => {
    const answer = await post(endpoints[subgraph]?.url ?? '', JSON.stringify(body), authorization);
    return (JSON.parse(answer) as { data: Readonly<Record<string, readonly Row[]>> }).data;
  };
  return {
    ask: (subgraph, query) => send(subgraph, { query }),
    entities: async (subgraph, typename, representations, fields) => {
      const query = `query($r: [_Any!]!) { _entities(representations: $r) { ... on ${typename} { ${fields} } } }`;
      const r = representations.map((one) => ({ __typename: typename, ...one }));
      return (await send(subgraph, { query, variables: { r } }))['_entities'] ?? [];
    },
  };
}

/** Serves one answer, whatever is asked, until the parent has gone. */
export async function serveByHand(answer: (calls: Calls) => Promise<object>): Promise<void> {
  const server = createServer((request, response) => {
    request.resume();
    request.on('end', () => {
      const authorization = request.headers.authorization ?? '';
      void verifier
        .verify(authorization.slice('Bearer '.length))
        .then(() => answer(callsWith(authorization)))
        .then((data) => {
          response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ data }));
        });
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  process.once('disconnect', () => process.exit(0));
  process.send?.({
    type: 'ready',
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`,
  });
}
