import { type ServerResponse } from 'node:http';
import { type ExecutionResult } from 'graphql';
import { ShuttingDownError, type RouterError } from '../errors.js';
import { LiveEvent } from '../live/live-event.js';
import { type LiveSink, type LiveStream } from '../live/live-stream.js';

/** Bounds of a stream of server-sent events. */
export interface EventStreamOptions {
  /** Interval of the comments that keep proxies from closing a silent stream, in milliseconds. */
  readonly heartbeatMs: number;
  /** A client that takes nothing for so long is cut off, in milliseconds. */
  readonly stallMs: number;
}

/** Header that names a stream, for its renewal. */
export const streamIdHeader = 'x-stream-id';

const complete = 'event: complete\ndata: {}\n\n';

/** Answers with one result, as the GraphQL-over-SSE protocol has it (distinct connections mode). */
export function writeSingle(response: ServerResponse, result: ExecutionResult): void {
  writeHead(response);
  response.write(new LiveEvent(JSON.stringify(result)).frame);
  response.end(complete);
}

/** A live stream as server-sent events, as fast as its client takes them. */
export class EventStreamSink implements LiveSink {
  readonly #response: ServerResponse;
  readonly #options: EventStreamOptions;
  #heartbeat: NodeJS.Timeout | undefined;
  #stalled: NodeJS.Timeout | undefined;
  #stream: LiveStream | undefined;

  constructor(response: ServerResponse, options: EventStreamOptions) {
    this.#response = response;
    this.#options = options;
  }

  /** Begins to answer; the stream ends when its client goes. */
  open(stream: LiveStream, id: string): void {
    const response = this.#response;
    this.#stream = stream;
    response.once('close', () => {
      clearTimeout(this.#stalled);
      stream.end();
    });
    response.setHeader(streamIdHeader, id);
    writeHead(response);
    // Clients see at once that the stream stands.
    response.write(':\n\n');
    this.#heartbeat = setInterval(() => {
      if (!response.writableNeedDrain) response.write(':\n\n');
    }, this.#options.heartbeatMs);
  }

  write({ frame }: LiveEvent): boolean {
    if (this.#response.write(frame)) return true;
    this.#expectTaken();
    this.#response.once('drain', () => {
      clearTimeout(this.#stalled);
      this.#stream?.resume();
    });
    return false;
  }

  end(last: LiveEvent | undefined, error: RouterError | undefined): void {
    clearInterval(this.#heartbeat);
    if (this.#response.destroyed) return;
    if (last) this.#response.write(last.frame);
    // A stream that may go on with another router is not declared complete.
    this.#response.end(error instanceof ShuttingDownError ? 'retry: 1000\n\n' : complete);
    this.#expectTaken();
  }

  /** A client that takes nothing of what was written is cut off. */
  #expectTaken(): void {
    clearTimeout(this.#stalled);
    this.#stalled = setTimeout(() => this.#response.destroy(), this.#options.stallMs);
  }
}

function writeHead(response: ServerResponse): void {
  response.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store, no-transform',
    'x-accel-buffering': 'no',
  });
}
