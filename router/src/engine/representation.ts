import { type RequiresSelection } from '@graphql-hive/router-query-planner';
import { isResponseObject, mergeInto, setValue, valueOf, type ResponseObject } from './response-object.js';
import { type TypeConditions } from './type-conditions.js';

type Variables = Readonly<Record<string, unknown>>;
/** Copies a part of an object into its representation. */
type Copy = (source: ResponseObject, target: ResponseObject, variables: Variables) => void;

/** Makes the representation that names an entity to another subgraph; undefined where nothing is known to name it by. */
export type Represent = (entity: ResponseObject, variables: Variables) => ResponseObject | undefined;

/** Compiles what the planner says a subgraph needs of an entity: its key, and the fields it `@requires`. */
export function compileRepresentation(
  requires: readonly RequiresSelection[],
  conditions: TypeConditions,
): Represent {
  const copy = compileSelections(requires, conditions);
  return (entity, variables) => {
    const representation: ResponseObject = {};
    copy(entity, representation, variables);
    for (const key in representation) {
      if (key !== '__typename' && representation[key] !== null) {
        representation.__typename ??= entity.__typename;
        return representation;
      }
    }
    return undefined;
  };
}

function compileSelections(selections: readonly RequiresSelection[], conditions: TypeConditions): Copy {
  const copies = selections.map((selection) => compileSelection(selection, conditions));
  const [only] = copies;
  if (copies.length === 1 && only) return only;
  return (source, target, variables) => {
    for (const copy of copies) copy(source, target, variables);
  };
}

function compileSelection(selection: RequiresSelection, conditions: TypeConditions): Copy {
  switch (selection.kind) {
    case 'Field':
      return compileField(
        selection.name,
        selection.alias ?? selection.name,
        selection.selections,
        conditions,
      );
    case 'InlineFragment': {
      const types = conditions.satisfying(selection.typeCondition);
      const copy = compileSelections(selection.selections, conditions);
      const { skipIf, includeIf } = selection;
      return (source, target, variables) => {
        const { __typename: name } = source;
        if (typeof name !== 'string' || !types.has(name)) return;
        if (skipIf !== undefined && variables[skipIf] === true) return;
        if (includeIf !== undefined && variables[includeIf] !== true) return;
        copy(source, target, variables);
      };
    }
    case 'FragmentSpread':
      throw new Error('The query planner named an entity by a fragment, which it never did before.');
  }
}

function compileField(
  name: string,
  key: string,
  selections: readonly RequiresSelection[] | undefined,
  conditions: TypeConditions,
): Copy {
  const below = selections?.length ? compileSelections(selections, conditions) : undefined;
  const project = (value: unknown, variables: Variables): unknown => {
    if (!below) return value;
    if (Array.isArray(value)) return value.map((item) => project(item, variables));
    if (!isResponseObject(value)) return value;
    const projected: ResponseObject = {};
    below(value, projected, variables);
    return projected;
  };
  return (source, target, variables) => {
    const found = valueOf(source, name);
    const value = found === undefined && key !== name ? valueOf(source, key) : found;
    if (value === undefined) return;
    const projected = project(value, variables);
    // Two fragments may select of the same field.
    if (below && valueOf(target, key) !== undefined) mergeInto(target, { [key]: projected });
    else setValue(target, key, projected);
  };
}
