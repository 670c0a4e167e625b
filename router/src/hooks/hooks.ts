import { type ExecutionResult } from 'graphql';
import { unitedFields, type WithheldFields } from '../engine/withheld-fields.js';
import { type LiveEvent } from '../live/live-event.js';
import { type OperationRequest } from '../operations/operation-request.js';
import { type OperationOrigin, type PreparedOperation } from '../operations/prepared-operation.js';
import { type SubgraphClient, type SubgraphRequest } from '../subgraphs/subgraph-client.js';
import { type EventRecipient, type OperationOutcome, type RouterPlugin } from './router-plugin.js';

type HookName = 'request' | 'plan' | 'fetch' | 'subscribe' | 'event';
type With<Name extends HookName> = RouterPlugin & Required<Pick<RouterPlugin, Name>>;

/** The plugins of a router, sorted by their hooks. */
export class Hooks {
  readonly #request: readonly With<'request'>[];
  readonly #plan: readonly With<'plan'>[];
  readonly #fetch: readonly With<'fetch'>[];
  readonly #subscribe: readonly With<'subscribe'>[];
  readonly #event: readonly With<'event'>[];
  readonly #settled = new WeakMap<OperationOrigin, ((outcome: OperationOutcome) => void)[]>();

  constructor(plugins: readonly RouterPlugin[]) {
    const having = <Name extends HookName>(name: Name): readonly With<Name>[] =>
      plugins.filter((plugin): plugin is With<Name> => plugin[name] !== undefined);
    this.#request = having('request');
    this.#plan = having('plan');
    this.#fetch = having('fetch');
    this.#subscribe = having('subscribe');
    this.#event = having('event');
  }

  /** @returns the request that goes on. @throws what a plugin refuses it with */
  async request(request: OperationRequest, origin: OperationOrigin): Promise<OperationRequest> {
    let asked = request;
    for (const plugin of this.#request) {
      const decision = await plugin.request(asked, origin);
      if (decision?.settled) {
        const waiting = this.#settled.get(origin);
        if (waiting) waiting.push(decision.settled);
        else this.#settled.set(origin, [decision.settled]);
      }
      asked = decision?.request ?? asked;
    }
    return asked;
  }

  /** Tells those that wanted to know what became of an operation; the first call counts. */
  settle(origin: OperationOrigin, outcome: OperationOutcome): void {
    const waiting = this.#settled.get(origin);
    if (!waiting) return;
    this.#settled.delete(origin);
    for (const settled of waiting.reverse()) settled(outcome);
  }

  /** @returns the operation with what plugins withhold from its caller. @throws what a plugin refuses it with */
  async plan(operation: PreparedOperation, origin: OperationOrigin): Promise<PreparedOperation> {
    const withheld: WithheldFields[] = [];
    for (const plugin of this.#plan) {
      const decision = await plugin.plan(operation, origin);
      if (decision?.withheld) withheld.push(decision.withheld);
    }
    return withheld.length === 0 ? operation : { ...operation, withheld: unitedFields(withheld) };
  }

  /** The client to the subgraphs with the plugins around it; the client itself, where none wants to be. */
  around(client: SubgraphClient): SubgraphClient {
    if (this.#fetch.length === 0 && this.#subscribe.length === 0) return client;
    const request = this.#fetch.reduceRight<(request: SubgraphRequest) => Promise<ExecutionResult>>(
      (next, plugin) => (asked) => plugin.fetch(asked, next),
      (asked) => client.request(asked),
    );
    const subscribe = this.#subscribe.reduceRight<SubgraphClient['subscribe']>(
      (next, plugin) => (asked) => plugin.subscribe(asked, next),
      (asked) => client.subscribe(asked),
    );
    return {
      names: client.names,
      request,
      subscribe,
      unreachable: (timeoutMs) => client.unreachable(timeoutMs),
      dispose: () => {
        client.dispose();
      },
    };
  }

  /** Whether any plugin looks at events. */
  get watchEvents(): boolean {
    return this.#event.length > 0;
  }

  /** @returns whether the client gets the event. @throws what a plugin ends the stream with */
  event(event: LiveEvent, recipient: EventRecipient): boolean {
    return this.#event.every((plugin) => plugin.event(event, recipient));
  }
}
