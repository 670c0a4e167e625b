import { type AnyNode, type Node, parse, type Program } from 'acorn';
import { fullAncestor } from 'acorn-walk';
import { analyze } from 'eslint-scope';
import type * as ESTree from 'estree';

/** A bundle that cannot be analysed. */
export class BundleUnreadable extends Error {
  override readonly name = 'BundleUnreadable';

  constructor(
    message: string,
    /** `line:column`, from 1. */
    readonly position?: string,
  ) {
    super(message);
  }
}

/** A name in the bundle that nothing in the bundle defines. */
export interface FreeName {
  readonly name: string;
  readonly node: AnyNode;
  readonly isWritten: boolean;
}

/** The program of a bundle: its tree, who stands above whom, and the names that come from outside. */
export class Bundle {
  readonly program: Program;
  readonly free: readonly FreeName[];
  readonly #parents = new Map<Node, AnyNode>();
  readonly #nodes: AnyNode[] = [];

  /** @throws {@link BundleUnreadable}. */
  constructor(text: string) {
    try {
      this.program = parse(text, {
        ecmaVersion: 'latest',
        sourceType: 'script',
        locations: true,
        ranges: true,
        allowReturnOutsideFunction: true,
      });
      fullAncestor(this.program, (node, _state, ancestors) => {
        this.#nodes.push(node);
        const parent = ancestors.at(-2);
        if (parent) this.#parents.set(node, parent);
      });
      this.free = this.#freeNames();
    } catch (error) {
      // A tree that is too deep for whoever walks it is a RangeError; what is not JavaScript a SyntaxError.
      const { loc, message } = error as Error & { loc?: { line: number; column: number } };
      throw new BundleUnreadable(message, loc && `${loc.line}:${loc.column + 1}`);
    }
  }

  /** Every node, those below before those above. */
  get nodes(): readonly AnyNode[] {
    return this.#nodes;
  }

  parentOf(node: Node): AnyNode | undefined {
    return this.#parents.get(node);
  }

  #freeNames(): FreeName[] {
    const scopes = analyze(this.program as unknown as ESTree.Program, {
      ecmaVersion: 2022,
      sourceType: 'commonjs',
      ignoreEval: true,
    });
    const [global] = scopes.scopes;
    return (global?.through ?? []).map((reference) => ({
      name: reference.identifier.name,
      node: reference.identifier as unknown as AnyNode,
      isWritten: reference.isWrite(),
    }));
  }
}

/** Name of a property that a member expression reads, if it is written down. */
export function propertyOf(node: AnyNode): string | undefined {
  if (node.type !== 'MemberExpression') return undefined;
  const { property, computed } = node;
  if (!computed && property.type === 'Identifier') return property.name;
  return property.type === 'Literal' && typeof property.value === 'string' ? property.value : undefined;
}
