import {
  Kind,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';

/** The fragments of a document by name. */
export function fragmentsOf(document: DocumentNode): ReadonlyMap<string, FragmentDefinitionNode> {
  return new Map(
    document.definitions
      .filter((definition) => definition.kind === Kind.FRAGMENT_DEFINITION)
      .map((fragment) => [fragment.name.value, fragment]),
  );
}

/** The fields that an operation asks of its root type, those inside fragments included; cyclic fragments are left. */
export function* rootFieldsOf(
  operation: OperationDefinitionNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
): Generator<FieldNode> {
  const seen = new Set<string>();
  function* fieldsOf({ selections }: SelectionSetNode): Generator<FieldNode> {
    for (const selection of selections) {
      if (selection.kind === Kind.FIELD) yield selection;
      else if (selection.kind === Kind.INLINE_FRAGMENT) yield* fieldsOf(selection.selectionSet);
      else if (!seen.has(selection.name.value)) {
        seen.add(selection.name.value);
        const fragment = fragments.get(selection.name.value);
        if (fragment) yield* fieldsOf(fragment.selectionSet);
      }
    }
  }
  yield* fieldsOf(operation.selectionSet);
}

/** Whether a root field describes the schema rather than data. */
export function isSchemaField(field: FieldNode): boolean {
  return field.name.value === '__schema' || field.name.value === '__type';
}

/**
 * The operation with only those root fields that `keep` accepts, root fragments dissolved; undefined where none is left.
 * Directives of dissolved fragments stay in force.
 */
export function withRootFields(
  operation: OperationDefinitionNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
  keep: (field: FieldNode) => boolean,
): OperationDefinitionNode | undefined {
  const filtered = ({ selections }: SelectionSetNode): readonly SelectionNode[] =>
    selections.flatMap((selection): readonly SelectionNode[] => {
      if (selection.kind === Kind.FIELD) return keep(selection) ? [selection] : [];
      const inner =
        selection.kind === Kind.INLINE_FRAGMENT
          ? selection.selectionSet
          : fragments.get(selection.name.value)?.selectionSet;
      const kept = inner ? filtered(inner) : [];
      if (kept.length === 0 || !selection.directives?.length) return kept;
      const { directives } = selection;
      return [
        {
          kind: Kind.INLINE_FRAGMENT,
          directives,
          selectionSet: { kind: Kind.SELECTION_SET, selections: kept },
        },
      ];
    });
  const selections = filtered(operation.selectionSet);
  return selections.length === 0
    ? undefined
    : { ...operation, selectionSet: { kind: Kind.SELECTION_SET, selections } };
}
