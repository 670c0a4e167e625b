import { type FlattenNodePathSegment } from '@graphql-hive/router-query-planner';
import { type ResponsePath } from './response-errors.js';
import { isResponseObject, valueOf, type ResponseObject } from './response-object.js';
import { type TypeConditions, type TypeNames } from './type-conditions.js';

/** A step from an object: to one of its fields, or on where it has one of the types. */
type Step = { readonly key: string } | { readonly types: TypeNames };

/** The way from the root of the response to the objects that a fetch adds to. Lists on the way are spread, however deep. */
export class PlanPath {
  readonly #steps: readonly Step[];

  constructor(segments: readonly FlattenNodePathSegment[], conditions: TypeConditions) {
    this.#steps = segments.flatMap((segment): Step[] => {
      // The planner marks lists; as every list is spread, the mark says nothing new.
      if (segment === '@') return [];
      if ('Field' in segment) return [{ key: segment.Field }];
      return [{ types: conditions.satisfying(...segment.TypeCondition) }];
    });
  }

  /** Visits the objects in the order of the response. */
  each(data: ResponseObject, visit: (object: ResponseObject) => void): void {
    walk(data, this.#steps, 0, undefined, visit);
  }

  /** Where the objects are. Not noted by {@link each}, as only errors need it. */
  locate(data: ResponseObject): Map<ResponseObject, ResponsePath> {
    const places = new Map<ResponseObject, ResponsePath>();
    const path: (string | number)[] = [];
    walk(data, this.#steps, 0, path, (object) => places.set(object, [...path]));
    return places;
  }
}

function walk(
  value: unknown,
  steps: readonly Step[],
  at: number,
  path: (string | number)[] | undefined,
  visit: (object: ResponseObject) => void,
): void {
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index += 1) {
      path?.push(index);
      walk(value[index], steps, at, path, visit);
      path?.pop();
    }
    return;
  }
  if (!isResponseObject(value)) return;
  const step = steps[at];
  if (!step) visit(value);
  else if ('key' in step) {
    path?.push(step.key);
    walk(valueOf(value, step.key), steps, at + 1, path, visit);
    path?.pop();
  } else {
    const { __typename: name } = value;
    // Without a name, its subgraph had no need to tell the type: there is but one it can be.
    if (typeof name !== 'string' || step.types.has(name)) walk(value, steps, at + 1, path, visit);
  }
}
