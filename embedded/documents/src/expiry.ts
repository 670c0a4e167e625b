import { CommandError } from './errors.js';
import { Find } from './planner/find.js';
import { Operation } from './operation.js';
import { deleteMatches } from './commands/change.js';
import type { Server } from './commands/command.js';
import type { Collection } from './storage/collection.js';
import type { IndexDefinition } from './storage/index-definition.js';

/** Time between two sweeps, in milliseconds. */
const SWEEP_MILLIS = 60_000;
/** Documents deleted under one lock, so that other writers get their turn. */
const BATCH = 1000;

/** Deletes documents whose time has come, by the indexes that say so (`expireAfterSeconds`). */
export class Expiry {
  readonly #server: Server;
  readonly #timer: NodeJS.Timeout;
  readonly #operation = new Operation();
  #sweep: Promise<void> | undefined;

  constructor(server: Server) {
    this.#server = server;
    this.#timer = setInterval(() => this.sweep(), SWEEP_MILLIS);
    this.#timer.unref();
  }

  /** Starts a sweep, unless one is under way. */
  sweep(): void {
    this.#sweep ??= this.#run()
      .catch(() => undefined)
      .finally(() => (this.#sweep = undefined));
  }

  async #run(): Promise<void> {
    for (const database of this.#server.catalog.databases)
      for (const collection of this.#server.catalog.collections(database))
        for (const index of collection.indexes)
          if (index.expireAfterSeconds !== undefined)
            await this.#expire(collection, index, index.expireAfterSeconds);
  }

  async #expire(collection: Collection, index: IndexDefinition, seconds: number): Promise<void> {
    const [field] = index.fields;
    if (!field) return;
    const filter = { [field.path]: { $lte: new Date(Date.now() - seconds * 1000) } };
    for (let count = BATCH; count === BATCH;) {
      count = await collection.lock.run(async () => {
        if (collection.isDropped) return 0;
        const find = new Find(this.#server.store, collection, { filter, limit: BATCH }, this.#operation);
        return (await deleteMatches(this.#server, collection, find)).count;
      });
      await this.#server.store.durable();
    }
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.#operation.stop(new CommandError('InterruptedAtShutdown', 'the server is shutting down'));
    await this.#sweep;
  }
}
