import {
  isAbstractType,
  isObjectType,
  isUnionType,
  Kind,
  TypeInfo,
  visit,
  visitWithTypeInfo,
  type DocumentNode,
  type GraphQLSchema,
  type InlineFragmentNode,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';
import { fragmentsOf } from '../operations/root-fields.js';

/**
 * The document as the planner understands it, meaning the same. `@defer` goes: its fragments are answered with the rest. A condition on
 * a fragment on a union is put around the fragment: on it, the planner would look for a way to the union as if it were a field.
 */
export function plannable(schema: GraphQLSchema, document: DocumentNode): DocumentNode {
  const fragments = fragmentsOf(document);
  const unionNamed = (name: string | undefined) => {
    const type = name === undefined ? undefined : schema.getType(name);
    return isUnionType(type) ? type : undefined;
  };
  const types = new TypeInfo(schema);
  return visit(
    document,
    visitWithTypeInfo(types, {
      Directive: ({ name }) => (name.value === 'defer' ? null : undefined),
      FragmentSpread: {
        enter: ({ name, directives }): InlineFragmentNode | undefined => {
          const fragment = directives?.length ? fragments.get(name.value) : undefined;
          if (!fragment || !unionNamed(fragment.typeCondition.name.value)) return undefined;
          const { typeCondition, selectionSet } = fragment;
          return { kind: Kind.INLINE_FRAGMENT, typeCondition, directives, selectionSet };
        },
      },
      InlineFragment: {
        leave: (node): InlineFragmentNode | undefined => {
          const union = unionNamed(node.typeCondition?.name.value);
          if (!union || !node.directives?.length) return undefined;
          const { selectionSet } = node;
          const enclosing = types.getParentType();
          const present = isAbstractType(enclosing) ? schema.getPossibleTypes(enclosing) : [enclosing];
          const members = present.filter((type) => isObjectType(type) && schema.isSubType(union, type));
          if (members.length === present.length) return { ...node, typeCondition: undefined };
          const selections = members.flatMap((type): SelectionNode[] =>
            type ? [on(type.name, selectionSet)] : [],
          );
          return { ...node, typeCondition: undefined, selectionSet: { ...selectionSet, selections } };
        },
      },
    }),
  );
}

function on(type: string, selectionSet: SelectionSetNode): InlineFragmentNode {
  const typeCondition = { kind: Kind.NAMED_TYPE, name: { kind: Kind.NAME, value: type } } as const;
  return { kind: Kind.INLINE_FRAGMENT, typeCondition, selectionSet };
}
