/** Runs tasks one after another, in the order they came. */
export class Mutex {
  #last: Promise<unknown> = Promise.resolve();

  async run<T>(task: () => Promise<T> | T): Promise<T> {
    const before = this.#last;
    const mine = before.then(task, task);
    this.#last = mine.catch(() => undefined);
    return mine;
  }
}
