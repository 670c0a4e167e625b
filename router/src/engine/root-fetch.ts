import { type FetchNode } from '@graphql-hive/router-query-planner';
import { Kind, parse, type ExecutionResult } from 'graphql';
import { type PlanExecution, type PlannedRequest } from './plan-execution.js';
import { plannedRequest } from './planned-request.js';
import { errorAt, type ResponsePath } from './response-errors.js';
import { isResponseObject, mergeInto } from './response-object.js';
import { compileRewrites, renamedKeys, type Rewrite } from './rewrites.js';
import { type TypeConditions } from './type-conditions.js';

/** A fetch of fields of the root type. */
export class RootFetch {
  readonly request: PlannedRequest;
  readonly #rewrite: Rewrite | undefined;
  readonly #renamed: ReadonlyMap<string, string>;
  /** Paths of the fields it fetches. */
  readonly #fields: readonly ResponsePath[];

  constructor(node: Omit<FetchNode, 'kind'>, conditions: TypeConditions) {
    this.request = plannedRequest(node);
    this.#rewrite = compileRewrites(node.outputRewrites, conditions);
    this.#renamed = renamedKeys(node.outputRewrites);
    this.#fields = responseKeys(node.operation).map((key) => [this.#renamed.get(key) ?? key]);
  }

  async run(execution: PlanExecution): Promise<void> {
    this.take(await execution.fetch(this.request), execution);
  }

  /** Takes an answer into the response. */
  take({ data, errors = [] }: ExecutionResult, execution: PlanExecution): void {
    for (const error of errors) {
      if (error.path?.length) execution.errors.add(errorAt(error, this.#clientPath(error.path)));
      // Without a path it concerns all that was asked for. It is told once, at the only or the first field.
      else execution.errors.add(errorAt(error, this.#fields[0]), this.#fields);
    }
    if (!isResponseObject(data)) return;
    this.#rewrite?.(data);
    if (Object.keys(execution.data).length === 0) execution.data = data;
    else mergeInto(execution.data, data);
  }

  #clientPath(path: ResponsePath): ResponsePath {
    if (this.#renamed.size === 0) return path;
    return path.map((step) => (typeof step === 'string' ? (this.#renamed.get(step) ?? step) : step));
  }
}

function responseKeys(operation: string): readonly string[] {
  return parse(operation, { noLocation: true }).definitions.flatMap((definition) =>
    definition.kind === Kind.OPERATION_DEFINITION
      ? definition.selectionSet.selections.flatMap((selection) =>
          selection.kind === Kind.FIELD ? [selection.alias?.value ?? selection.name.value] : [],
        )
      : [],
  );
}
