import {
  getNamedType,
  getNullableType,
  isCompositeType,
  isInterfaceType,
  isListType,
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

/** Arguments that say how many items a list or a connection gives. */
const sizeArguments: ReadonlySet<string> = new Set(['first', 'last', 'limit']);

/**
 * How many objects the answer has at most, by what the document says: an object counts one, a list as many as `first`,
 * `last` or `limit` allows (else `defaultListSize`), times what is asked of each item. On a connection these arguments
 * hold for the lists directly below it (`edges`, `nodes`). Scalars and the schema's description count nothing.
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
    listSize: number | undefined,
  ): number => {
    let cost = 0;
    for (const selection of selections) {
      if (selection.kind === Kind.FIELD) cost += costOfField(parent, selection, listSize);
      else if (selection.kind === Kind.INLINE_FRAGMENT) {
        cost += costOfFragment(parent, selection.typeCondition, selection.selectionSet, listSize);
      } else {
        const fragment = fragments.get(selection.name.value);
        if (!fragment) continue;
        const key = `${selection.name.value} ${listSize}`;
        let spread = known.get(key);
        if (spread === undefined) {
          spread = costOfFragment(parent, fragment.typeCondition, fragment.selectionSet, listSize);
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
    listSize: number | undefined,
  ): number => {
    const narrowed = condition && typeFromAST(schema, condition);
    return costOfSelections(isCompositeType(narrowed) ? narrowed : parent, selectionSet, listSize);
  };

  const costOfField = (
    parent: GraphQLCompositeType,
    field: FieldNode,
    listSize: number | undefined,
  ): number => {
    if (!field.selectionSet || !(isObjectType(parent) || isInterfaceType(parent))) return 0;
    const type = parent.getFields()[field.name.value]?.type;
    const named = type && getNamedType(type);
    if (!type || !isCompositeType(named)) return 0;
    const asked = sizeAsked(field, variables);
    const isList = isListType(getNullableType(type));
    const each = 1 + costOfSelections(named, field.selectionSet, isList ? undefined : asked);
    return isList ? (asked ?? listSize ?? defaultListSize) * each : each;
  };

  const root = schema.getRootType(operation.operation);
  return root ? costOfSelections(root, operation.selectionSet, undefined) : 0;
}

function sizeAsked(field: FieldNode, variables: Readonly<Record<string, unknown>>): number | undefined {
  for (const { name, value } of field.arguments ?? []) {
    if (!sizeArguments.has(name.value)) continue;
    const size =
      value.kind === Kind.VARIABLE ? variables[value.name.value] : Number('value' in value && value.value);
    if (typeof size === 'number' && Number.isFinite(size)) return Math.max(0, size);
  }
  return undefined;
}
