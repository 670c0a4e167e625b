import { context, SpanKind } from '@opentelemetry/api';
import { beginSpan, contextOfHeaders, failSpan, headersOfContext, inSpan } from '@medigraph/platform/tracing';
import { type RouterPlugin } from '../hooks/router-plugin.js';
import { type SubgraphRequest } from '../subgraphs/subgraph-client.js';
import { contextOfOperation, operationTraces } from './operation-traces.js';
import { codeLabel } from './router-metrics.js';

/**
 * Traces operations: each is a span, part of what its client's `traceparent` says; fetches, subscriptions upstream and deliveries of
 * events are spans of it. Names of operations and subgraphs and codes of errors are all that is told: never documents, arguments,
 * variables or data.
 */
export const tracingPlugin: RouterPlugin = {
  name: 'tracing',

  request(_request, origin) {
    const { transport, requestId, headers } = origin;
    const begun = beginSpan({
      name: 'graphql operation',
      kind: SpanKind.SERVER,
      attributes: { 'medigraph.transport': transport, 'medigraph.request_id': requestId },
      parent: contextOfHeaders(headers),
    });
    operationTraces.set(origin, begun);
    return {
      settled: ({ result, error }) => {
        const code = error?.code ?? firstCode(result);
        if (code !== undefined) failSpan(begun.span, code);
        begun.span.end();
      },
    };
  },

  plan({ type, operation }, origin) {
    const span = operationTraces.get(origin)?.span;
    span?.setAttribute('graphql.operation.type', type);
    // A name is one of the schema's language, and says what a client's developer called a query.
    if (operation.name) span?.setAttribute('graphql.operation.name', operation.name.value.slice(0, 100));
    return undefined;
  },

  fetch(request, next) {
    return inSpan(
      { ...description('fetch', request), kind: SpanKind.CLIENT, parent: contextOfOperation(request.origin) },
      async (span) => {
        const result = await next(traced(request));
        const code = firstCode(result);
        if (span && code !== undefined) failSpan(span, code);
        return result;
      },
    );
  },

  subscribe(request, next) {
    const { span, within } = beginSpan({
      ...description('subscribe', request),
      kind: SpanKind.CLIENT,
      parent: contextOfOperation(request.origin),
    });
    try {
      return context.with(within, () => next(traced(request)));
    } finally {
      // It tells when the stream was asked for; what comes is told by the events.
      span.end();
    }
  },

  event(_event, { origin }) {
    beginSpan({
      name: 'deliver event',
      kind: SpanKind.PRODUCER,
      attributes: { 'medigraph.transport': origin.transport },
      parent: contextOfOperation(origin),
    }).span.end();
    return true;
  },
};

function description(what: string, { subgraph, operation }: SubgraphRequest) {
  return {
    name: `${what} ${subgraph}`,
    attributes: { 'medigraph.subgraph': subgraph, 'graphql.operation.type': operation },
  };
}

/** The request with headers that make the subgraph's work part of what is going on here. */
function traced(request: SubgraphRequest): SubgraphRequest {
  const headers = headersOfContext();
  return { ...request, headers: [...(request.headers ?? []), () => headers] };
}

function firstCode(result: { readonly errors?: readonly { readonly extensions: object }[] } | undefined) {
  const [first] = result?.errors ?? [];
  return first && codeLabel('code' in first.extensions ? first.extensions.code : undefined);
}
