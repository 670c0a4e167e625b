import type { Socket } from 'node:net';
import type { Doc } from '../bson/value.js';
import { toCommandError } from '../errors.js';
import {
  MalformedMessageError,
  MessageReader,
  encodeResponse,
  errorAnswer,
  parseMessage,
  type Request,
} from './message.js';

/** Answers requests. */
export type Respond = (request: Request) => Promise<Doc | Uint8Array>;

/** Requests of one connection that may wait while another is worked on; beyond, the client is not read from. */
const MAX_WAITING = 64;

/**
 * Serves one client: its requests are answered in the order they came. A client that breaks the protocol is cut off; one that sends
 * faster than it is answered is not read from meanwhile.
 */
export class Connection {
  readonly #socket: Socket;
  readonly #respond: Respond;
  readonly #reader = new MessageReader();
  readonly #waiting: Buffer[] = [];
  #working = false;

  constructor(socket: Socket, respond: Respond) {
    this.#socket = socket;
    this.#respond = respond;
    socket.setNoDelay(true);
    socket.on('data', (chunk) => this.#receive(chunk));
    socket.on('error', () => socket.destroy());
  }

  #receive(chunk: Buffer): void {
    try {
      for (const message of this.#reader.read(chunk)) this.#waiting.push(message);
    } catch {
      this.#socket.destroy();
      return;
    }
    if (this.#waiting.length > MAX_WAITING) this.#socket.pause();
    if (!this.#working) void this.#work();
  }

  async #work(): Promise<void> {
    this.#working = true;
    for (let message = this.#waiting.shift(); message; message = this.#waiting.shift()) {
      if (this.#socket.destroyed) break;
      await this.#answer(message);
      if (this.#socket.isPaused() && this.#waiting.length <= MAX_WAITING / 2) this.#socket.resume();
    }
    this.#working = false;
  }

  async #answer(message: Buffer): Promise<void> {
    try {
      const request = parseMessage(message);
      const answer = await this.#respond(request);
      if (request.answered) await this.#send(encodeResponse(request, answer));
    } catch (error) {
      if (error instanceof MalformedMessageError) this.#socket.destroy();
      else
        await this.#send(
          encodeResponse(
            { requestId: message.readInt32LE(4), form: 'msg' },
            errorAnswer(toCommandError(error)),
          ),
        );
    }
  }

  async #send(bytes: Buffer): Promise<void> {
    if (this.#socket.destroyed || this.#socket.write(bytes)) return;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        this.#socket.off('drain', done).off('close', done);
        resolve();
      };
      this.#socket.on('drain', done).on('close', done);
    });
  }
}
