import { type FetchNodePathSegment, type FetchRewrite } from '@graphql-hive/router-query-planner';
import { isResponseObject, setValue, valueOf, type ResponseObject } from './response-object.js';
import { type TypeConditions, type TypeNames } from './type-conditions.js';

/** Changes a value in place, as the planner wants it before or after a fetch. */
export type Rewrite = (value: unknown) => void;

type Step = { readonly key: string } | { readonly types: TypeNames };

/** Compiles the planner's rewrites to one. */
export function compileRewrites(
  rewrites: readonly FetchRewrite[] = [],
  conditions: TypeConditions,
): Rewrite | undefined {
  if (rewrites.length === 0) return undefined;
  const compiled = rewrites.map((rewrite): Rewrite => {
    if ('KeyRenamer' in rewrite) {
      const { path, renameKeyTo } = rewrite.KeyRenamer;
      return atEnd(path, conditions, (object, key) => {
        const value = valueOf(object, key);
        if (value === undefined) return;
        Reflect.deleteProperty(object, key);
        setValue(object, renameKeyTo, value);
      });
    }
    const { path, setValueTo } = 'ValueSetter' in rewrite ? rewrite.ValueSetter : rewrite;
    return atEnd(path, conditions, (object, key) => {
      setValue(object, key, setValueTo);
    });
  });
  return (value) => {
    for (const rewrite of compiled) rewrite(value);
  };
}

/** New names by the old ones, for the paths of errors. */
export function renamedKeys(rewrites: readonly FetchRewrite[] = []): ReadonlyMap<string, string> {
  return new Map(
    rewrites.flatMap((rewrite): [string, string][] => {
      if (!('KeyRenamer' in rewrite)) return [];
      const { path, renameKeyTo } = rewrite.KeyRenamer;
      const last = path.at(-1);
      return last && 'Key' in last ? [[last.Key, renameKeyTo]] : [];
    }),
  );
}

function atEnd(
  path: readonly FetchNodePathSegment[],
  conditions: TypeConditions,
  act: (object: ResponseObject, key: string) => void,
): Rewrite {
  const steps = path.map((segment): Step =>
    'Key' in segment
      ? { key: segment.Key }
      : { types: conditions.satisfying(...[segment.TypenameEquals].flat()) },
  );
  const go = (value: unknown, at: number): void => {
    if (Array.isArray(value)) {
      for (const item of value) go(item, at);
      return;
    }
    const step = steps[at];
    if (!step || !isResponseObject(value)) return;
    if ('types' in step) {
      const { __typename: name } = value;
      if (typeof name !== 'string' || step.types.has(name)) go(value, at + 1);
    } else if (at === steps.length - 1) act(value, step.key);
    else go(valueOf(value, step.key), at + 1);
  };
  return (value) => {
    go(value, 0);
  };
}
