import {
  type BatchFetchNode,
  type FetchNode,
  type FlattenNodePathSegment,
  type FetchRewrite,
  type RequiresSelection,
} from '@graphql-hive/router-query-planner';
import { type ExecutionResult, type GraphQLError } from 'graphql';
import { badResponse, type PlanExecution, type PlannedRequest } from './plan-execution.js';
import { PlanPath } from './plan-path.js';
import { plannedRequest } from './planned-request.js';
import { compileRepresentation, type Represent } from './representation.js';
import { commonPath, errorAt, type ResponsePath } from './response-errors.js';
import { copyOf, isResponseObject, mergeInto, valueOf, type ResponseObject } from './response-object.js';
import { compileRewrites, renamedKeys, type Rewrite } from './rewrites.js';
import { type TypeConditions } from './type-conditions.js';

/** One `_entities` field of the request: which entities it asks for, and what becomes of the answer. */
interface EntityField {
  /** Its key in the answer. */
  readonly key: string;
  /** The variable with the representations; fields may share one. */
  readonly variable: string;
  readonly paths: readonly PlanPath[];
  readonly represent: Represent;
  readonly before: Rewrite | undefined;
  readonly after: Rewrite | undefined;
  readonly renamed: ReadonlyMap<string, string>;
}

/** The representations of one variable, each once. */
class Representations {
  readonly list: ResponseObject[] = [];
  readonly #indexes = new Map<string, number>();

  /** The index of the representation. Equal ones are made by the same steps, so that their JSON is the same. */
  add(representation: ResponseObject): number {
    const identity = JSON.stringify(representation);
    let index = this.#indexes.get(identity);
    if (index === undefined) {
      index = this.list.push(representation) - 1;
      this.#indexes.set(identity, index);
    }
    return index;
  }
}

/** Objects of the response that wait for the answer to a field, each with the index of its entity. */
interface Waiting {
  readonly field: EntityField;
  readonly representations: Representations;
  readonly objects: ResponseObject[];
  readonly indexes: number[];
}

/** A fetch that adds fields to entities which are in the response already. Equal entities are asked for once. */
export class EntityFetch {
  readonly #request: PlannedRequest;
  readonly #fields: readonly EntityField[];
  readonly #rewriteAnswer: Rewrite | undefined;

  private constructor(
    request: PlannedRequest,
    fields: readonly EntityField[],
    rewriteAnswer: Rewrite | undefined,
  ) {
    this.#request = request;
    this.#fields = fields;
    this.#rewriteAnswer = rewriteAnswer;
  }

  /** A fetch for the entities at one path. */
  static at(
    path: readonly FlattenNodePathSegment[],
    node: FetchNode,
    conditions: TypeConditions,
  ): EntityFetch {
    const { requires = [], inputRewrites, outputRewrites } = node;
    const field = entityField('_entities', 'representations', [path], requires, conditions, inputRewrites);
    const renamed = renamedKeys(outputRewrites);
    return new EntityFetch(
      plannedRequest(node),
      [{ ...field, renamed }],
      compileRewrites(outputRewrites, conditions),
    );
  }

  /** A fetch for several kinds of entities at many paths. */
  static batch(node: BatchFetchNode, conditions: TypeConditions): EntityFetch {
    const fields = node.entityBatch.aliases.map(
      ({
        alias,
        representationsVariableName,
        paths,
        requires,
        inputRewrites,
        outputRewrites,
      }): EntityField => ({
        ...entityField(alias, representationsVariableName, paths, requires, conditions, inputRewrites),
        after: compileRewrites(outputRewrites, conditions),
        renamed: renamedKeys(outputRewrites),
      }),
    );
    return new EntityFetch(plannedRequest(node), fields, undefined);
  }

  async run(execution: PlanExecution): Promise<void> {
    const variables: Record<string, ResponseObject[]> = {};
    const waiting = this.#gather(execution, variables);
    if (waiting.every(({ objects }) => objects.length === 0)) return;
    const result = await execution.fetch(this.#request, variables);
    if (result.errors) for (const error of result.errors) this.#report(error, waiting, execution);
    this.#take(result, waiting, execution);
  }

  #gather({ data, variables }: PlanExecution, asked: Record<string, ResponseObject[]>): readonly Waiting[] {
    const byVariable = new Map<string, Representations>();
    return this.#fields.map((field) => {
      let representations = byVariable.get(field.variable);
      if (!representations) {
        byVariable.set(field.variable, (representations = new Representations()));
        asked[field.variable] = representations.list;
      }
      const waiting: Waiting = { field, representations, objects: [], indexes: [] };
      for (const path of field.paths) {
        path.each(data, (object) => {
          if (typeof object.__typename !== 'string') return;
          const representation = field.represent(object, variables);
          if (!representation) return;
          field.before?.(representation);
          waiting.objects.push(object);
          waiting.indexes.push(waiting.representations.add(representation));
        });
      }
      return waiting;
    });
  }

  #take({ data, errors }: ExecutionResult, waiting: readonly Waiting[], execution: PlanExecution): void {
    if (!isResponseObject(data)) return;
    this.#rewriteAnswer?.(data);
    for (const { field, representations, objects, indexes } of waiting) {
      const entities = valueOf(data, field.key);
      const asked = representations.list.length;
      if (!Array.isArray(entities) || entities.length !== asked) {
        if (errors?.length || objects.length === 0) continue;
        const given = Array.isArray(entities) ? `${entities.length} entities` : 'no list of entities';
        const how = `has ${given} where ${asked} were asked for`;
        this.#report(badResponse(this.#request.subgraph, how), waiting, execution);
        continue;
      }
      field.after?.(entities);
      const taken = new Set<number>();
      for (const [position, object] of objects.entries()) {
        const index = indexes[position] ?? 0;
        const entity: unknown = entities[index];
        if (!isResponseObject(entity)) continue;
        // Places of one entity may be completed differently by later fetches, so that none may share an object.
        mergeInto(object, taken.has(index) ? copyOf(entity) : entity);
        taken.add(index);
      }
    }
  }

  /** An error at an entity is one at each of its places; any other concerns all of them, and is told where they begin. */
  #report(error: GraphQLError, waiting: readonly Waiting[], { data, errors }: PlanExecution): void {
    const [key, index, ...below] = error.path ?? [];
    const at = typeof index === 'number' ? waiting.find(({ field }) => field.key === key) : undefined;
    if (!at) {
      const places = waiting.flatMap((one) => placesOf(one, data));
      const common = commonPath(places);
      errors.add(errorAt(error, common.length > 0 ? common : undefined), places);
      return;
    }
    const { renamed } = at.field;
    const tail = below.map((step) => (typeof step === 'string' ? (renamed.get(step) ?? step) : step));
    for (const place of placesOf(at, data, Number(index))) errors.add(errorAt(error, [...place, ...tail]));
  }
}

function entityField(
  key: string,
  variable: string,
  paths: readonly (readonly FlattenNodePathSegment[])[],
  requires: readonly RequiresSelection[],
  conditions: TypeConditions,
  inputRewrites: readonly FetchRewrite[] | undefined,
): EntityField {
  return {
    key,
    variable,
    paths: paths.map((path) => new PlanPath(path, conditions)),
    represent: compileRepresentation(requires, conditions),
    before: compileRewrites(inputRewrites, conditions),
    after: undefined,
    renamed: new Map(),
  };
}

/** Where the objects are that wait for an entity, or for any. */
function placesOf(
  { field, objects, indexes }: Waiting,
  data: ResponseObject,
  entity?: number,
): ResponsePath[] {
  const wanted = new Set(
    objects.filter((_, position) => entity === undefined || indexes[position] === entity),
  );
  const places = field.paths.map((path) => path.locate(data));
  return places.flatMap((located) =>
    [...located].flatMap(([object, path]) => (wanted.has(object) ? [path] : [])),
  );
}
