import {
  getNamedType,
  isCompositeType,
  isInterfaceType,
  isObjectType,
  Kind,
  typeFromAST,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLCompositeType,
  type GraphQLSchema,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';
import { FieldCost, type SizeBelow } from './field-cost.js';

/**
 * How many objects the answer has at most, by what the document says: an object counts one, or what `@cost` says; a list as many
 * as its slicing arguments allow (those of `@listSize`, else `first`, `last` or `limit`), else its assumed size, else `defaultListSize`,
 * times what is asked of each item. On a connection these hold for its `sizedFields`, or for the lists directly below it. Scalars
 * without `@cost` and the schema's description count nothing.
 * @throws `DocumentError` where a field needs exactly one slicing argument and has not
 */
export function costOf(
  schema: GraphQLSchema,
  operation: OperationDefinitionNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
  variables: Readonly<Record<string, unknown>>,
  defaultListSize: number,
): number {
  const known = new Map<string, number>();

  const costOfSelections = (
    parent: GraphQLCompositeType,
    { selections }: SelectionSetNode,
    below: SizeBelow | undefined,
  ): number => {
    let cost = 0;
    for (const selection of selections) {
      if (selection.kind === Kind.FIELD) cost += costOfField(parent, selection, below);
      else if (selection.kind === Kind.INLINE_FRAGMENT) {
        cost += costOfFragment(parent, selection.typeCondition, selection.selectionSet, below);
      } else {
        const fragment = fragments.get(selection.name.value);
        if (!fragment) continue;
        const key = `${selection.name.value} ${keyOf(below)}`;
        let spread = known.get(key);
        if (spread === undefined) {
          spread = costOfFragment(parent, fragment.typeCondition, fragment.selectionSet, below);
          known.set(key, spread);
        }
        cost += spread;
      }
    }
    return cost;
  };

  const costOfFragment = (
    parent: GraphQLCompositeType,
    condition: FragmentDefinitionNode['typeCondition'] | undefined,
    selectionSet: SelectionSetNode,
    below: SizeBelow | undefined,
  ): number => {
    const narrowed = condition && typeFromAST(schema, condition);
    return costOfSelections(isCompositeType(narrowed) ? narrowed : parent, selectionSet, below);
  };

  const costOfField = (
    parent: GraphQLCompositeType,
    field: FieldNode,
    below: SizeBelow | undefined,
  ): number => {
    const definition =
      isObjectType(parent) || isInterfaceType(parent) ? parent.getFields()[field.name.value] : undefined;
    if (!definition) return 0;
    const cost = FieldCost.of(definition);
    const named = getNamedType(definition.type);
    const size = cost.sizeOf(field, variables);
    const inner =
      field.selectionSet && isCompositeType(named)
        ? costOfSelections(named, field.selectionSet, cost.below(size))
        : 0;
    const each = cost.weight + inner;
    const ofList = below && (below.fields?.has(field.name.value) ?? true) ? below.size : undefined;
    const items = cost.isList ? (size ?? ofList ?? defaultListSize) : 1;
    return cost.ofArguments(field) + items * each;
  };

  const root = schema.getRootType(operation.operation);
  return root ? costOfSelections(root, operation.selectionSet, undefined) : 0;
}

/** Equal for what holds equally below. */
function keyOf(below: SizeBelow | undefined): string {
  return below ? `${below.size} ${[...(below.fields ?? [])].join()}` : '';
}
