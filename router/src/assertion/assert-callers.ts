import { assertionHeader, type AssertionSigner } from '@medigraph/platform/identity';
import { type RouterPlugin } from '../hooks/router-plugin.js';
import { type SubgraphRequest } from '../subgraphs/subgraph-client.js';

/**
 * Asserts to every subgraph who calls, in a signature over subgraph, body, claims, time and a nonce. A subgraph that demands it cannot
 * be used around the router; the client's token is forwarded beside it.
 */
export function assertCallers(signer: AssertionSigner): RouterPlugin {
  const asserted = (request: SubgraphRequest): SubgraphRequest => {
    const caller = request.origin?.authentication.caller;
    return {
      ...request,
      headers: [
        ...(request.headers ?? []),
        ({ subgraph, body }) => ({ [assertionHeader]: signer.sign(caller, { subgraph, body }) }),
      ],
    };
  };
  return {
    name: 'assertions',
    fetch: (request, next) => next(asserted(request)),
    subscribe: (request, next) => next(asserted(request)),
  };
}
