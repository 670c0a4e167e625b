import { OperationTypeNode } from 'graphql';
import { RateLimitedError } from '../errors.js';
import { type PlanDecision, type RequestDecision, type RouterPlugin } from '../hooks/router-plugin.js';
import { type OperationRequest } from '../operations/operation-request.js';
import { type OperationOrigin, type PreparedOperation } from '../operations/prepared-operation.js';
import { rootFieldsOf } from '../operations/root-fields.js';
import { addressGroup } from './client-addresses.js';
import { RateLimiter, type Rate } from '@medigraph/platform/time';

/** How much one client may ask for. What is absent is not limited. */
export interface RateLimits {
  /** Operations of a caller, by client and subject. */
  readonly operations?: Rate;
  /** Operations of clients without a token, by address. */
  readonly anonymous?: Rate;
  /** Subscriptions that a caller begins. */
  readonly subscriptions?: Rate;
  /** Objects that a caller's operations may answer with; see `costOf`. */
  readonly cost?: Rate;
  /** Uses of a root field by a caller, such as `Mutation.grantAccess`, under whichever alias. */
  readonly fields?: Readonly<Record<string, Rate>>;
  /** Clients that are remembered, for each limit. */
  readonly maxClients: number;
}

/** Rate limits as a plugin: what is refused costs no more than the look at its client, or at most at its document. */
export class RateLimiting implements RouterPlugin {
  readonly name = 'rate limits';
  readonly #operations: RateLimiter | undefined;
  readonly #anonymous: RateLimiter | undefined;
  readonly #subscriptions: RateLimiter | undefined;
  readonly #cost: RateLimiter | undefined;
  readonly #fields: ReadonlyMap<string, RateLimiter>;

  constructor({ operations, anonymous, subscriptions, cost, fields = {}, maxClients }: RateLimits) {
    const limiterOf = (rate: Rate | undefined): RateLimiter | undefined =>
      rate && new RateLimiter(rate, maxClients);
    this.#operations = limiterOf(operations);
    this.#anonymous = limiterOf(anonymous);
    this.#subscriptions = limiterOf(subscriptions);
    this.#cost = limiterOf(cost);
    this.#fields = new Map(
      Object.entries(fields).map(([name, rate]) => [name, new RateLimiter(rate, maxClients)]),
    );
  }

  /** @throws {@link RateLimitedError} */
  request(_request: OperationRequest, origin: OperationOrigin): RequestDecision | undefined {
    take(origin.authentication.caller ? this.#operations : this.#anonymous, origin, 1);
    return undefined;
  }

  /** @throws {@link RateLimitedError} */
  plan(operation: PreparedOperation, origin: OperationOrigin): PlanDecision | undefined {
    if (operation.type === OperationTypeNode.SUBSCRIPTION) take(this.#subscriptions, origin, 1);
    for (const [name, count] of this.#limitedFields(operation)) take(this.#fields.get(name), origin, count);
    take(this.#cost, origin, operation.cost);
    return undefined;
  }

  #limitedFields({ operation, fragments, schema, type }: PreparedOperation): ReadonlyMap<string, number> {
    const counts = new Map<string, number>();
    if (this.#fields.size === 0) return counts;
    const root = schema.getRootType(type)?.name ?? '';
    for (const field of rootFieldsOf(operation, fragments)) {
      const name = `${root}.${field.name.value}`;
      if (this.#fields.has(name)) counts.set(name, (counts.get(name) ?? 0) + 1);
    }
    return counts;
  }
}

function take(limiter: RateLimiter | undefined, origin: OperationOrigin, amount: number): void {
  const wait = limiter?.take(nameOf(origin), amount) ?? 0;
  if (wait > 0) throw new RateLimitedError(wait);
}

/** Callers behind one address do not share a limit, and a person does not get another one by another address. */
function nameOf({ authentication: { caller }, address }: OperationOrigin): string {
  if (!caller) return addressGroup(address ?? '');
  return JSON.stringify([caller.clientId, caller.mspId, caller.subject]);
}
