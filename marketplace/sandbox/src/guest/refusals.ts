/** What a contract gets that reaches for something it may not have; its message begins with the code. */
export class GuestRefusal extends Error {
  override readonly name = 'GuestRefusal';

  constructor(
    readonly code: 'FORBIDDEN_GLOBAL' | 'FORBIDDEN_MODULE' | 'NONDETERMINISTIC',
    sentence: string,
  ) {
    super(`${code}: ${sentence}`);
  }
}

/** Refuses, and tells the host once of each thing that was refused. */
export class Refusals {
  readonly #told = new Set<string>();
  readonly #tell: (code: string, message: string) => void;

  constructor(tell: (code: string, message: string) => void) {
    this.#tell = tell;
  }

  readonly refuse = (code: GuestRefusal['code'], sentence: string): never => {
    // A contract may make up as many names as it likes.
    if (!this.#told.has(sentence) && this.#told.size < 100) {
      this.#told.add(sentence);
      this.#tell(code, sentence);
    }
    throw new GuestRefusal(code, sentence);
  };
}
