import { type ExecutionResult } from 'graphql';
import { type WebSocket } from 'ws';
import { ShuttingDownError, type RouterError } from '../errors.js';
import { type LiveEvent } from '../live/live-event.js';
import { type LiveSink, type LiveStream } from '../live/live-stream.js';

/**
 * A live stream over a WebSocket. Events are written as `next` messages around the text that all clients share; to the library that
 * speaks the protocol it is a stream without results, whose end it tells the client.
 */
export class SocketStream implements LiveSink, AsyncIterableIterator<ExecutionResult, undefined> {
  readonly #socket: WebSocket;
  readonly #prefix: string;
  readonly #bufferedBytes: number;
  #stream: LiveStream | undefined;
  #complete = false;
  readonly #onEnd: () => void;
  #onComplete: (() => void) | undefined;

  /**
   * @param id the client's name for the operation.
   * @param bufferedBytes that may wait in the connection; more wait as events.
   * @param onEnd called once, when the stream has ended.
   */
  constructor(socket: WebSocket, id: string, bufferedBytes: number, onEnd: () => void) {
    this.#socket = socket;
    this.#onEnd = onEnd;
    this.#prefix = `{"id":${JSON.stringify(id)},"type":"next","payload":`;
    this.#bufferedBytes = bufferedBytes;
  }

  open(stream: LiveStream): this {
    this.#stream = stream;
    return this;
  }

  write({ text }: LiveEvent): boolean {
    const message = `${this.#prefix}${text}}`;
    const hasRoom = this.#socket.bufferedAmount + message.length < this.#bufferedBytes;
    if (hasRoom) this.#socket.send(message);
    else this.#socket.send(message, () => this.#stream?.resume());
    return hasRoom;
  }

  end(last: LiveEvent | undefined, error: RouterError | undefined): void {
    this.#onEnd();
    if (last) this.#socket.send(`${this.#prefix}${last.text}}`);
    // A stream that may go on with another router is not declared complete; the connection is closed instead.
    if (error instanceof ShuttingDownError) return;
    this.#complete = true;
    this.#onComplete?.();
  }

  next(): Promise<IteratorResult<ExecutionResult, undefined>> {
    return new Promise((resolve) => {
      if (this.#complete) resolve({ done: true, value: undefined });
      else this.#onComplete = () => resolve({ done: true, value: undefined });
    });
  }

  return(): Promise<IteratorResult<ExecutionResult, undefined>> {
    this.#stream?.end();
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
