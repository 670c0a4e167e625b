import { type Caller } from '@medigraph/platform/identity';
import { type GraphQLError, type GraphQLSchema } from 'graphql';
import { anyHolds } from '../engine/conditions.js';
import { type WithheldFields } from '../engine/withheld-fields.js';
import { UnauthenticatedError, UnauthorizedFieldError, type RouterError } from '../errors.js';
import { type EventRecipient, type PlanDecision, type RouterPlugin } from '../hooks/router-plugin.js';
import { type LiveEvent } from '../live/live-event.js';
import { type OperationOrigin, type PreparedOperation } from '../operations/prepared-operation.js';
import { accessOf, type OperationAccess } from './operation-access.js';
import { type PolicyEvaluator, type PolicyQuestion, type PolicyVerdict } from './policies.js';
import { policiesOf, satisfied, type Requirement } from './requirement.js';
import { SchemaAccess } from './schema-access.js';

/** @see AccessControl */
export interface AccessOptions {
  /** Whether an operation is refused as a whole where its caller is not given a part of it; by default that part is withheld. */
  readonly refuseWhole: boolean;
  /** Who decides of the names in `@policy`. */
  readonly policies: Readonly<Record<string, PolicyEvaluator>>;
  /** Scopes of a caller whose token names none. */
  readonly scopesByDefault: readonly string[];
}

/** When something that was allowed to a stream stops to be, and what the stream then ends with. */
interface Expiry {
  readonly at: number;
  readonly error: RouterError;
}

/** What is known of a schema. */
interface Known {
  readonly access: SchemaAccess;
  readonly operations: WeakMap<PreparedOperation['operation'], OperationAccess>;
}

/**
 * `@authenticated`, `@requiresScopes` and `@policy`: what the graph asks for is looked at before anything is fetched. An operation of
 * which no root field is left is refused, so that HTTP clients see its status; of any other, what is not given is withheld.
 */
export class AccessControl implements RouterPlugin {
  readonly name = 'access';
  readonly #options: AccessOptions;
  readonly #schemas = new WeakMap<GraphQLSchema, Known>();
  readonly #expiries = new WeakMap<OperationOrigin, Expiry>();

  constructor(options: AccessOptions) {
    this.#options = options;
  }

  /** @throws {@link UnauthenticatedError}, {@link UnauthorizedFieldError}, `StepUpRequiredError`, or what a policy refuses with */
  plan(operation: PreparedOperation, origin: OperationOrigin): Promise<PlanDecision | undefined> | undefined {
    const { access, operations } = this.#known(operation.schema);
    if (access.open) return undefined;
    let asked = operations.get(operation.operation);
    if (!asked) operations.set(operation.operation, (asked = accessOf(operation.schema, access, operation)));
    return asked.occurrences.length > 0 ? this.#decide(operation, origin, access, asked) : undefined;
  }

  /** What was allowed for a time ends with it. */
  event(_event: LiveEvent, { origin }: EventRecipient): boolean {
    const expiry = this.#expiries.get(origin);
    if (expiry && expiry.at <= Date.now()) throw expiry.error;
    return true;
  }

  async #decide(
    operation: PreparedOperation,
    origin: OperationOrigin,
    access: SchemaAccess,
    { occurrences, roots }: OperationAccess,
  ): Promise<PlanDecision | undefined> {
    const { values } = operation;
    const needed = new Map<string, Requirement>();
    for (const { requirement, condition } of occurrences)
      if (anyHolds([condition], values)) needed.set(requirement.key, requirement);
    const refusals = await this.#refusals([...needed.values()], { operation, origin });
    const [first] = refusals.values();
    if (!first) return undefined;
    if (this.#options.refuseWhole) throw first;
    const refusedRoots = roots
      .filter(({ condition }) => anyHolds([condition], values))
      .map(({ requirements }) => requirements.find(({ key }) => refusals.has(key)));
    const whole = refusedRoots.every((requirement) => requirement) ? refusedRoots[0] : undefined;
    if (whole) throw refusals.get(whole.key) ?? first;
    return { withheld: withheldFrom(access, refusals) };
  }

  /** Why which requirements are not met, by their keys. */
  async #refusals(
    requirements: readonly Requirement[],
    question: Omit<PolicyQuestion, 'caller'>,
  ): Promise<ReadonlyMap<string, RouterError>> {
    const { caller } = question.origin.authentication;
    const verdicts = new Map<string, PolicyVerdict>();
    for (const name of new Set(requirements.flatMap((requirement) => [...policiesOf(requirement)]))) {
      const evaluate = Object.hasOwn(this.#options.policies, name) ? this.#options.policies[name] : undefined;
      verdicts.set(name, (await evaluate?.({ ...question, caller })) ?? { allowed: false });
    }
    this.#expire(question.origin, verdicts);
    const refusals = new Map<string, RouterError>();
    for (const requirement of requirements) {
      const refusal = this.#refusalOf(requirement, caller, verdicts);
      if (refusal) refusals.set(requirement.key, refusal);
    }
    return refusals;
  }

  #refusalOf(
    { authenticated, scopes, policies }: Requirement,
    caller: Caller | undefined,
    verdicts: ReadonlyMap<string, PolicyVerdict>,
  ): RouterError | undefined {
    if (authenticated && !caller) return new UnauthenticatedError();
    if (scopes && !satisfied(scopes, (scope) => this.#hasScope(caller, scope)))
      return new UnauthorizedFieldError(scopes[0]);
    if (policies && !satisfied(policies, (name) => verdicts.get(name)?.allowed === true)) {
      for (const name of policies.flat()) {
        const verdict = verdicts.get(name);
        if (verdict?.allowed === false && verdict.refusal) return verdict.refusal;
      }
      return new UnauthorizedFieldError();
    }
    return undefined;
  }

  #hasScope(caller: Caller | undefined, scope: string): boolean {
    if (!caller) return false;
    return caller.scopes.size > 0 ? caller.scopes.has(scope) : this.#options.scopesByDefault.includes(scope);
  }

  /** Notes the earliest end of what was allowed. */
  #expire(origin: OperationOrigin, verdicts: ReadonlyMap<string, PolicyVerdict>): void {
    let earliest: Expiry | undefined;
    for (const verdict of verdicts.values()) {
      if (!verdict.allowed || verdict.until === undefined) continue;
      if (!earliest || verdict.until < earliest.at)
        earliest = { at: verdict.until, error: verdict.after ?? new UnauthorizedFieldError() };
    }
    if (earliest) this.#expiries.set(origin, earliest);
  }

  #known(schema: GraphQLSchema): Known {
    let known = this.#schemas.get(schema);
    if (!known) {
      known = { access: new SchemaAccess(schema), operations: new WeakMap() };
      this.#schemas.set(schema, known);
    }
    return known;
  }
}

function withheldFrom(access: SchemaAccess, refusals: ReadonlyMap<string, RouterError>): WithheldFields {
  const errors = new Map<string, GraphQLError | undefined>();
  for (const [key, refusal] of refusals) errors.set(key, refusal.toGraphQLErrors()[0]);
  const errorOf = (requirement: Requirement | undefined): GraphQLError | undefined =>
    requirement && errors.get(requirement.key);
  return {
    key: JSON.stringify([...refusals].map(([key, { code }]) => [key, code]).sort()),
    field: (typeName, fieldName) => errorOf(access.field(typeName, fieldName)),
    type: (typeName) => errorOf(access.type(typeName)),
  };
}
