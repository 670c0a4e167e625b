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

/** What is refused, and its name as the contract has it. */
export type Refuse = (code: GuestRefusal['code'], sentence: string, name?: string) => never;

/** Refuses, and tells the host once of each thing that was refused. */
export class Refusals {
  readonly #told = new Set<string>();
  readonly #tell: (code: string, message: string, name?: string) => void;

  constructor(tell: (code: string, message: string, name?: string) => void) {
    this.#tell = tell;
  }

  readonly refuse: Refuse = (code, sentence, name) => {
    const named = name === undefined ? sentence : `${sentence}: ${name.slice(0, 100)}`;
    // A contract may make up as many names as it likes.
    if (!this.#told.has(named) && this.#told.size < 100) {
      this.#told.add(named);
      this.#tell(code, sentence, name);
    }
    throw new GuestRefusal(code, named);
  };
}
