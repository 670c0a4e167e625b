import {
  Kind,
  visit,
  type DirectiveNode,
  type DocumentNode,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';
import { anyHolds, conditionOf } from './conditions.js';

type Variables = Readonly<Record<string, unknown>>;

/** The document as it is answered for these variables: what `@skip` and `@include` exclude is gone, and so are they. */
export function withSettledConditions(document: DocumentNode, variables: Variables): DocumentNode {
  const answered = ({ directives }: SelectionNode): boolean => {
    const condition = conditionOf([], directives);
    return condition !== undefined && anyHolds([condition], variables);
  };
  return visit(document, {
    SelectionSet: (node): SelectionSetNode | undefined => {
      const selections = node.selections.filter(answered);
      if (selections.length === node.selections.length) return undefined;
      // No selection may be empty; a name more than the client asked for is not given to it.
      return { ...node, selections: selections.length > 0 ? selections : [typename] };
    },
    Directive: (directive) => (isCondition(directive) ? null : undefined),
  });
}

/** Names of the variables that decide what of a document is answered. */
export function conditionVariables(document: DocumentNode): readonly string[] {
  const names = new Set<string>();
  visit(document, {
    Directive: (directive) => {
      if (!isCondition(directive)) return;
      for (const { value } of directive.arguments ?? [])
        if (value.kind === Kind.VARIABLE) names.add(value.name.value);
    },
  });
  return [...names].sort();
}

const typename: SelectionNode = { kind: Kind.FIELD, name: { kind: Kind.NAME, value: '__typename' } };

function isCondition({ name }: DirectiveNode): boolean {
  return name.value === 'skip' || name.value === 'include';
}
