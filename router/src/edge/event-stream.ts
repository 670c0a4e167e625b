import { type ServerResponse } from 'node:http';
import { type ExecutionResult } from 'graphql';

/** Bounds of a stream of server-sent events. */
export interface EventStreamOptions {
  /** Interval of the comments that keep proxies from closing a silent stream, in milliseconds. */
  readonly heartbeatMs: number;
  /** A client that takes nothing for so long is cut off, in milliseconds. */
  readonly stallMs: number;
  /** Whether the stream may go on with another router: then it is not declared complete. */
  readonly mayResume: () => boolean;
}

/** Writes results as the GraphQL-over-SSE protocol has them (distinct connections mode), as fast as the client takes them. */
export async function writeEvents(
  response: ServerResponse,
  results: AsyncIterableIterator<ExecutionResult>,
  { heartbeatMs, stallMs, mayResume }: EventStreamOptions,
): Promise<void> {
  const leave = (): void => {
    void results.return?.();
  };
  response.once('close', leave);
  response.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store, no-transform',
    'x-accel-buffering': 'no',
  });
  // Clients see at once that the stream stands.
  response.write(':\n\n');
  const heartbeat = setInterval(() => {
    if (!response.writableNeedDrain) response.write(':\n\n');
  }, heartbeatMs);
  try {
    for await (const result of results) {
      if (response.write(`event: next\ndata: ${JSON.stringify(result)}\n\n`)) continue;
      await drained(response, stallMs);
    }
    response.end(mayResume() ? 'retry: 1000\n: SHUTTING_DOWN\n\n' : 'event: complete\ndata: {}\n\n');
  } finally {
    clearInterval(heartbeat);
    response.off('close', leave);
  }
}

/** Waits until the client has taken what was written; one that takes nothing for `stallMs` is cut off. */
function drained(response: ServerResponse, stallMs: number): Promise<void> {
  return new Promise((resolve) => {
    const stalled = setTimeout(() => response.destroy(), stallMs);
    const done = (): void => {
      clearTimeout(stalled);
      response.off('drain', done).off('close', done);
      resolve();
    };
    response.on('drain', done).on('close', done);
  });
}

/** A result that is the only one of its stream. */
export async function* single(result: ExecutionResult): AsyncGenerator<ExecutionResult, undefined> {
  yield await Promise.resolve(result);
  return undefined;
}
