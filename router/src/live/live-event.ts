/** One event of a stream as its clients get it: made once, and sent to all of them. */
export class LiveEvent {
  #frame: Buffer | undefined;

  /**
   * @param text the result, JSON.
   * @param cursor where its stream stands after it.
   */
  constructor(
    readonly text: string,
    readonly cursor?: string,
  ) {}

  /** The event as a stream of server-sent events has it. */
  get frame(): Buffer {
    const id = this.cursor !== undefined && safeId.test(this.cursor) ? `id: ${this.cursor}\n` : '';
    return (this.#frame ??= Buffer.from(`${id}event: next\ndata: ${this.text}\n\n`));
  }
}

/** Nothing in it can end the line. */
const safeId = /^[\x21-\x7e]+$/;
