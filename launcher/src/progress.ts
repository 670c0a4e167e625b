import cliProgress from 'cli-progress';

/** How far a phase of long work is. */
export interface Progress {
  readonly phase: string;
  readonly done: number;
  readonly total: number;
}

/** Shows how far long work is: a bar on a terminal, a line every tenth elsewhere. */
export class ProgressDisplay {
  readonly #bar = process.stderr.isTTY
    ? new cliProgress.SingleBar({
        format: '  {phase} [{bar}] {percentage}% · {value}/{total} · {eta_formatted} left',
        hideCursor: true,
        barsize: 30,
      })
    : undefined;
  #phase: string | undefined;
  #tenth = -1;

  show({ phase, done, total }: Progress): void {
    if (!this.#bar) {
      this.#print(phase, done, total);
      return;
    }
    if (this.#phase !== phase) {
      this.#bar.stop();
      this.#bar.start(total, done, { phase });
      this.#phase = phase;
    } else {
      this.#bar.update(done);
    }
  }

  stop(): void {
    this.#bar?.stop();
  }

  #print(phase: string, done: number, total: number): void {
    const tenth = total === 0 ? 10 : Math.floor((done / total) * 10);
    if (this.#phase === phase && this.#tenth === tenth) return;
    this.#phase = phase;
    this.#tenth = tenth;
    process.stderr.write(`  ${phase}: ${done}/${total}\n`);
  }
}
