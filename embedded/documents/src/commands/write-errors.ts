import type { Doc } from '../bson/value.js';
import { toCommandError } from '../errors.js';

/** Runs the statements of a bulk write one after another and collects what fails. */
export class WriteErrors {
  readonly #ordered: boolean;
  readonly #errors: Doc[] = [];

  /** @param ordered - whether the first failure ends the bulk. */
  constructor(ordered: boolean) {
    this.#ordered = ordered;
  }

  /** Whether the rest of the bulk is to be left. */
  get stopped(): boolean {
    return this.#ordered && this.#errors.length > 0;
  }

  add(index: number, error: unknown): void {
    const { code, message, details } = toCommandError(error);
    this.#errors.push({ index, code, ...details, errmsg: message });
  }

  /** The part of the answer that tells the failures; empty where there are none. */
  get answer(): Doc {
    return this.#errors.length > 0 ? { writeErrors: this.#errors } : {};
  }
}
