import { type Outcome } from './outcomes.js';
import { type RoundReport } from './play-round.js';
import { type FaultKind } from './schedule.js';

/** Counts what clean rounds have seen. */
export class Tally {
  readonly #faults = new Map<FaultKind, number>();
  readonly #outcomes = new Map<Outcome['said'], number>();
  #rounds = 0;
  #skipped = 0;
  #torn = 0;

  add({ faults, outcomes }: RoundReport): void {
    this.#rounds += 1;
    for (const { fault, note } of faults) {
      if (note === 'skipped') this.#skipped += 1;
      else this.#faults.set(fault.kind, (this.#faults.get(fault.kind) ?? 0) + 1);
      if (note.includes('bytes not synced')) this.#torn += 1;
    }
    for (const { said } of outcomes) this.#outcomes.set(said, (this.#outcomes.get(said) ?? 0) + 1);
  }

  /** In one line. */
  summary(): string {
    const list = (counts: ReadonlyMap<string, number>) =>
      [...counts].map(([name, count]) => `${count} ${name}`).join(', ') || 'none';
    return (
      `${this.#rounds} rounds clean; faults: ${list(this.#faults)}, ${this.#skipped} skipped ` +
      `(${this.#torn} tore what was not synced); answers: ${list(this.#outcomes)}`
    );
  }
}
