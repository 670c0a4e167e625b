import {
  Kind,
  print,
  visit,
  type DocumentNode,
  type NameNode,
  type OperationDefinitionNode,
  type FragmentDefinitionNode,
  type ValueNode,
} from 'graphql';

/** New names in the place of those that clients chose: the same for equal ones, in the order in which they come. */
class Renaming {
  readonly #names = new Map<string, string>();
  readonly #prefix: string;

  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  of(name: NameNode): NameNode {
    const known = this.#names.get(name.value) ?? `${this.#prefix}${this.#names.size}`;
    this.#names.set(name.value, known);
    return { ...name, value: known };
  }
}

/**
 * An operation with the fragments that it has, and nothing of what it was asked with: no value, and no name that its client
 * chose (of the operation, of aliases, variables and fragments), since programs put what persons typed there too. Operations that
 * differ in these alone become the same document. Which values an argument was given is lost; which fields of an input is not.
 */
export function bareDocument(
  operation: OperationDefinitionNode,
  fragments: Iterable<FragmentDefinitionNode>,
): string {
  const names = { fragment: new Renaming('F'), variable: new Renaming('v'), aliases: 0 };
  const document: DocumentNode = {
    kind: Kind.DOCUMENT,
    definitions: [{ ...operation, name: undefined }, ...fragments],
  };
  const bare = visit(document, {
    StringValue: (node) => ({ ...node, value: '', block: false }),
    IntValue: (node) => ({ ...node, value: '0' }),
    FloatValue: (node) => ({ ...node, value: '0' }),
    BooleanValue: (node) => ({ ...node, value: false }),
    EnumValue: (node) => ({ ...node, value: '_' }),
    ListValue: { leave: (node) => ({ ...node, values: distinct(node.values) }) },
    Variable: (node) => ({ ...node, name: names.variable.of(node.name) }),
    FragmentDefinition: (node) => ({ ...node, name: names.fragment.of(node.name) }),
    FragmentSpread: (node) => ({ ...node, name: names.fragment.of(node.name) }),
    // Each alias is another, so that none stands for two fields; one underscore, as no field of the graph begins with.
    Field: ({ alias, ...node }) =>
      alias ? { ...node, alias: { ...alias, value: `_${names.aliases++}` } } : undefined,
  });
  return print(bare);
}

/** How many members a list had is of the value too. */
const distinct = (values: readonly ValueNode[]): ValueNode[] => [
  ...new Map(values.map((value) => [print(value), value])).values(),
];
