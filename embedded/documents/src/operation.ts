import { CommandError } from './errors.js';

/** One command under way: when it must be done, and whether it has been told to stop. */
export class Operation {
  /** `$$NOW`: one time for the whole operation. */
  readonly now = new Date();
  readonly #deadline: number | undefined;
  #stopped: CommandError | undefined;

  /** @param maxTimeMillis - time the operation may take; 0 or undefined for any. */
  constructor(maxTimeMillis?: number) {
    this.#deadline = maxTimeMillis ? performance.now() + maxTimeMillis : undefined;
  }

  stop(reason: CommandError): void {
    this.#stopped ??= reason;
  }

  get isStopped(): boolean {
    return this.#stopped !== undefined;
  }

  /** @throws {@link CommandError} `MaxTimeMSExpired`, or why the operation was stopped. */
  check(): void {
    if (this.#stopped) throw this.#stopped;
    if (this.#deadline !== undefined && performance.now() > this.#deadline)
      throw new CommandError('MaxTimeMSExpired', 'operation exceeded time limit');
  }
}
