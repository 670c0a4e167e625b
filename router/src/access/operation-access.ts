import {
  getNamedType,
  isAbstractType,
  isCompositeType,
  isInterfaceType,
  isObjectType,
  Kind,
  type FieldNode,
  type GraphQLCompositeType,
  type GraphQLSchema,
  type SelectionSetNode,
} from 'graphql';
import { conditionOf, type Condition } from '../engine/conditions.js';
import { type ValidDocument } from '../operations/document-cache.js';
import { type Requirement } from './requirement.js';
import { type SchemaAccess } from './schema-access.js';

/** A requirement with the conditions (`@skip`, `@include`) of a selection that meets it. */
export interface Occurrence {
  readonly requirement: Requirement;
  readonly condition: Condition;
}

/** A field of the root type. */
export interface RootOccurrence {
  readonly condition: Condition;
  /** All of them are to be met. */
  readonly requirements: readonly Requirement[];
}

/** What an operation meets, whoever sends it. */
export interface OperationAccess {
  readonly occurrences: readonly Occurrence[];
  /** All but those that describe the schema. */
  readonly roots: readonly RootOccurrence[];
}

/** Fragments are looked into once for each condition under which they are spread; conditions beyond these are left out of account. */
const mostConditions = 4;

/** Collects what the fields of an operation ask for, of every type that an object may have there. */
export function accessOf(
  schema: GraphQLSchema,
  access: SchemaAccess,
  { operation, fragments }: ValidDocument,
): OperationAccess {
  const occurrences = new Map<string, Occurrence>();
  const roots: RootOccurrence[] = [];
  const visited = new Set<string>();

  const meet = (requirement: Requirement | undefined, condition: Condition): void => {
    if (requirement)
      occurrences.set(`${requirement.key} ${JSON.stringify(condition)}`, { requirement, condition });
  };
  const objectsOf = (type: GraphQLCompositeType): readonly GraphQLCompositeType[] =>
    isAbstractType(type) ? schema.getPossibleTypes(type) : [type];
  const requirementsOf = (parent: GraphQLCompositeType, field: FieldNode): readonly Requirement[] => {
    const name = field.name.value;
    const value = valueTypeOf(parent, name);
    return [
      ...objectsOf(parent).flatMap((type) => [access.type(type.name), access.field(type.name, name)]),
      // Objects behind an abstract type are given or withheld one by one.
      ...(value && !isAbstractType(value) ? [access.type(value.name)] : []),
    ].filter((requirement) => requirement !== undefined);
  };
  const collect = (
    parent: GraphQLCompositeType,
    { selections }: SelectionSetNode,
    enclosing: Condition,
    isRoot: boolean,
  ): void => {
    for (const selection of selections) {
      const full = conditionOf(enclosing, selection.directives);
      if (!full) continue;
      // Fewer conditions mean that something is asked for that might have been skipped: never less.
      const condition = full.length > mostConditions ? full.slice(0, mostConditions) : full;
      if (selection.kind === Kind.FIELD) {
        if (selection.name.value.startsWith('__')) continue;
        const requirements = requirementsOf(parent, selection);
        if (isRoot) roots.push({ condition, requirements });
        for (const requirement of requirements) meet(requirement, condition);
        const value = valueTypeOf(parent, selection.name.value);
        if (isAbstractType(value))
          for (const { name } of objectsOf(value)) meet(access.type(name), condition);
        if (selection.selectionSet && isCompositeType(value))
          collect(value, selection.selectionSet, condition, false);
        continue;
      }
      const fragment =
        selection.kind === Kind.INLINE_FRAGMENT ? selection : fragments.get(selection.name.value);
      if (!fragment) continue;
      if (selection.kind === Kind.FRAGMENT_SPREAD) {
        const key = `${selection.name.value} ${JSON.stringify(condition)}`;
        if (visited.has(key)) continue;
        visited.add(key);
      }
      const on = fragment.typeCondition && schema.getType(fragment.typeCondition.name.value);
      collect(isCompositeType(on) ? on : parent, fragment.selectionSet, condition, isRoot);
    }
  };

  const root = schema.getRootType(operation.operation);
  if (root) collect(root, operation.selectionSet, [], true);
  return { occurrences: [...occurrences.values()], roots };
}

function valueTypeOf(parent: GraphQLCompositeType, fieldName: string) {
  const field = isObjectType(parent) || isInterfaceType(parent) ? parent.getFields()[fieldName] : undefined;
  return field && getNamedType(field.type);
}
