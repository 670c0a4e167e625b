import { type EngineFactory, type RouterEngine } from './router-engine.js';
import { type SubgraphClient } from '../subgraphs/subgraph-client.js';

/** An engine in use. Whoever holds it gives it back with {@link EngineLease.release}, once. */
export interface EngineLease {
  readonly engine: RouterEngine;
  release(): void;
}

class Generation {
  #leases = 0;
  #retired = false;

  constructor(
    readonly engine: RouterEngine,
    readonly client: SubgraphClient,
  ) {}

  lease(): EngineLease {
    this.#leases += 1;
    let held = true;
    return {
      engine: this.engine,
      release: () => {
        if (!held) return;
        held = false;
        this.#leases -= 1;
        this.#disposeWhenIdle();
      },
    };
  }

  retire(): void {
    this.#retired = true;
    this.#disposeWhenIdle();
  }

  #disposeWhenIdle(): void {
    if (this.#retired && this.#leases === 0) this.client.dispose();
  }
}

/**
 * Holds the engine that serves new operations. After a swap, operations under way finish on the engine they began on, whose
 * connections are closed when its last operation ends.
 */
export class EngineSlot {
  readonly #create: EngineFactory;
  #current: Generation;

  private constructor(create: EngineFactory, first: Generation) {
    this.#create = create;
    this.#current = first;
  }

  static async open(create: EngineFactory, supergraph: string, client: SubgraphClient): Promise<EngineSlot> {
    return new EngineSlot(create, new Generation(await create(supergraph, client), client));
  }

  get current(): RouterEngine {
    return this.#current.engine;
  }

  /** Connections of the engine that serves new operations. */
  get client(): SubgraphClient {
    return this.#current.client;
  }

  lease(): EngineLease {
    return this.#current.lease();
  }

  /**
   * Serves another supergraph from now on. One that no engine takes, or that does not stand the check, is refused, and the present
   * one serves on.
   */
  async swap(
    supergraph: string,
    client: SubgraphClient,
    check: (engine: RouterEngine) => Promise<void>,
  ): Promise<void> {
    let next: Generation;
    try {
      next = new Generation(await this.#create(supergraph, client), client);
      await check(next.engine);
    } catch (error) {
      client.dispose();
      throw error;
    }
    const previous = this.#current;
    this.#current = next;
    previous.retire();
  }

  dispose(): void {
    this.#current.retire();
  }
}
