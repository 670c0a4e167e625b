import {
  getNamedType,
  isAbstractType,
  isCompositeType,
  isInterfaceType,
  isObjectType,
  Kind,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLCompositeType,
  type GraphQLSchema,
  type InlineFragmentNode,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';
import { type WithheldFields } from './withheld-fields.js';

type Fragments = ReadonlyMap<string, FragmentDefinitionNode>;

/** An operation without what is withheld. */
export interface NarrowedOperation {
  /** Undefined where nothing is left of it. */
  readonly operation?: OperationDefinitionNode;
  /** Those that are still spread. */
  readonly fragments: Fragments;
}

/**
 * What of an operation is asked of the subgraphs. A field of an abstract type that is withheld of some of the types it may have is
 * asked of the others by name. A selection of which nothing is left asks for `__typename`, since whether there is an object is
 * not withheld.
 * @param schema - what clients see
 */
export function narrowedOperation(
  schema: GraphQLSchema,
  operation: OperationDefinitionNode,
  fragments: Fragments,
  withheld: WithheldFields,
): NarrowedOperation {
  const narrowing = new Narrowing(schema, fragments, withheld);
  const root = schema.getRootType(operation.operation);
  const selections = root ? narrowing.selectionsOf(root, operation.selectionSet) : [];
  if (selections.length === 0) return { fragments: new Map() };
  return { operation: { ...operation, selectionSet: setOf(selections) }, fragments: narrowing.fragments };
}

/** The error of a field that is withheld, or whose values are; objects behind an abstract type are withheld one by one. */
export function errorOfField(
  schema: GraphQLSchema,
  withheld: WithheldFields,
  typeName: string,
  fieldName: string,
): ReturnType<WithheldFields['field']> {
  const type = schema.getType(typeName);
  const field = isObjectType(type) || isInterfaceType(type) ? type.getFields()[fieldName] : undefined;
  const value = field && getNamedType(field.type);
  const ofValue = value && !isAbstractType(value) ? withheld.type(value.name) : undefined;
  return withheld.field(typeName, fieldName) ?? ofValue;
}

class Narrowing {
  readonly #schema: GraphQLSchema;
  readonly #given: Fragments;
  readonly #withheld: WithheldFields;
  readonly #narrowed = new Map<string, FragmentDefinitionNode | undefined>();

  constructor(schema: GraphQLSchema, fragments: Fragments, withheld: WithheldFields) {
    this.#schema = schema;
    this.#given = fragments;
    this.#withheld = withheld;
  }

  get fragments(): Fragments {
    return new Map([...this.#narrowed].flatMap(([name, fragment]) => (fragment ? [[name, fragment]] : [])));
  }

  selectionsOf(parent: GraphQLCompositeType, { selections }: SelectionSetNode): readonly SelectionNode[] {
    return selections.flatMap((selection): readonly SelectionNode[] => {
      if (selection.kind === Kind.FIELD) return this.#field(parent, selection);
      if (selection.kind === Kind.FRAGMENT_SPREAD)
        return this.#fragment(selection.name.value) ? [selection] : [];
      const inner = this.selectionsOf(this.#typeNamed(selection, parent), selection.selectionSet);
      return inner.length === 0 ? [] : [{ ...selection, selectionSet: setOf(inner) }];
    });
  }

  #field(parent: GraphQLCompositeType, field: FieldNode): readonly SelectionNode[] {
    const name = field.name.value;
    if (name.startsWith('__')) return [field];
    const possible = isAbstractType(parent) ? this.#schema.getPossibleTypes(parent) : [parent];
    const given = possible.filter(
      (type) =>
        !this.#withheld.type(type.name) && !errorOfField(this.#schema, this.#withheld, type.name, name),
    );
    if (given.length === 0) return [];
    const narrowed = this.#below(parent, field);
    if (given.length === possible.length) return [narrowed];
    return given.map((type): InlineFragmentNode => ({
      kind: Kind.INLINE_FRAGMENT,
      typeCondition: { kind: Kind.NAMED_TYPE, name: { kind: Kind.NAME, value: type.name } },
      selectionSet: setOf([narrowed]),
    }));
  }

  #below(parent: GraphQLCompositeType, field: FieldNode): FieldNode {
    const { selectionSet } = field;
    const definition =
      isObjectType(parent) || isInterfaceType(parent) ? parent.getFields()[field.name.value] : undefined;
    const type = definition && getNamedType(definition.type);
    if (!selectionSet || !isCompositeType(type)) return field;
    const inner = this.selectionsOf(type, selectionSet);
    return { ...field, selectionSet: setOf(inner.length > 0 ? inner : [typename]) };
  }

  #fragment(name: string): FragmentDefinitionNode | undefined {
    const fragment = this.#given.get(name);
    if (!fragment || this.#narrowed.has(name)) return this.#narrowed.get(name);
    const type = this.#schema.getType(fragment.typeCondition.name.value);
    const inner = isCompositeType(type) ? this.selectionsOf(type, fragment.selectionSet) : [];
    const narrowed = inner.length > 0 ? { ...fragment, selectionSet: setOf(inner) } : undefined;
    this.#narrowed.set(name, narrowed);
    return narrowed;
  }

  #typeNamed({ typeCondition }: InlineFragmentNode, parent: GraphQLCompositeType): GraphQLCompositeType {
    const type = typeCondition && this.#schema.getType(typeCondition.name.value);
    return isCompositeType(type) ? type : parent;
  }
}

function setOf(selections: readonly SelectionNode[]): SelectionSetNode {
  return { kind: Kind.SELECTION_SET, selections };
}

const typename: FieldNode = { kind: Kind.FIELD, name: { kind: Kind.NAME, value: '__typename' } };
