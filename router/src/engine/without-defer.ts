import { visit, type DocumentNode } from 'graphql';

/**
 * The document without `@defer`, which neither the planner nor every subgraph knows. Its fragments are answered with the rest, as the
 * draft of the specification allows.
 */
export function withoutDefer(document: DocumentNode): DocumentNode {
  return visit(document, { Directive: ({ name }) => (name.value === 'defer' ? null : undefined) });
}
