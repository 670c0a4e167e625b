import {
  getNamedType,
  GraphQLError,
  isCompositeType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
  Kind,
  typeFromAST,
  type ExecutionResult,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLCompositeType,
  type GraphQLOutputType,
  type GraphQLSchema,
  type InlineFragmentNode,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';

/** Type of each response key below a selection. Validation saw to it that a key has one nullability, whatever the object. */
type Shape = ReadonlyMap<string, { readonly type: GraphQLOutputType; readonly shape?: Shape }>;
type Path = readonly (string | number)[];

/** Stands for a null where the type has none: the enclosing nullable position becomes null. */
const violation = Symbol('null in a non-null position');

/**
 * Makes results keep the promise of non-null types (GraphQL specification, "Handling Execution Errors"): a null where none may
 * be makes its parent null, up to the next nullable position. Compiled once for an operation.
 */
export class NullPropagation {
  readonly #shape: Shape;

  constructor(
    schema: GraphQLSchema,
    operation: OperationDefinitionNode,
    fragments: ReadonlyMap<string, FragmentDefinitionNode>,
  ) {
    const root = schema.getRootType(operation.operation);
    this.#shape = root ? shapeOf(schema, fragments, [[root, operation.selectionSet]]) : new Map();
  }

  /** The result with nulls propagated; `data` is changed in place and is null where execution gave none. */
  apply(result: ExecutionResult): ExecutionResult {
    const errors = [...(result.errors ?? [])];
    const data = result.data ? complete(result.data, this.#shape, [], errors) : null;
    return { ...result, data, ...(errors.length > 0 && { errors }) };
  }
}

function shapeOf(
  schema: GraphQLSchema,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
  selected: readonly (readonly [GraphQLCompositeType, SelectionSetNode])[],
): Shape {
  const fields = new Map<string, { type: GraphQLOutputType; nodes: FieldNode[] }>();
  const spread = new Set<string>();
  const collect = (parent: GraphQLCompositeType, { selections }: SelectionSetNode): void => {
    for (const selection of selections) {
      if (selection.kind === Kind.FIELD) {
        const hasFields = isObjectType(parent) || isInterfaceType(parent);
        const type = hasFields ? parent.getFields()[selection.name.value]?.type : undefined;
        const key = selection.alias?.value ?? selection.name.value;
        const known = fields.get(key);
        if (known) known.nodes.push(selection);
        else if (type) fields.set(key, { type, nodes: [selection] });
      } else {
        let fragment: InlineFragmentNode | FragmentDefinitionNode | undefined = undefined;
        if (selection.kind === Kind.INLINE_FRAGMENT) fragment = selection;
        else if (!spread.has(selection.name.value)) fragment = fragments.get(selection.name.value);
        if (selection.kind === Kind.FRAGMENT_SPREAD) spread.add(selection.name.value);
        if (!fragment) continue;
        const narrowed = fragment.typeCondition && typeFromAST(schema, fragment.typeCondition);
        collect(isCompositeType(narrowed) ? narrowed : parent, fragment.selectionSet);
      }
    }
  };
  for (const [parent, selectionSet] of selected) collect(parent, selectionSet);
  const shape = new Map<string, { type: GraphQLOutputType; shape?: Shape }>();
  for (const [key, { type, nodes }] of fields) {
    const named = getNamedType(type);
    const below = nodes.flatMap(({ selectionSet }) => (selectionSet ? [selectionSet] : []));
    shape.set(key, {
      type,
      shape: isCompositeType(named)
        ? shapeOf(
            schema,
            fragments,
            below.map((selectionSet) => [named, selectionSet]),
          )
        : undefined,
    });
  }
  return shape;
}

function complete(
  object: Record<string, unknown>,
  shape: Shape,
  path: Path,
  errors: GraphQLError[],
): Record<string, unknown> | null {
  for (const [key, field] of shape) {
    if (!(key in object)) continue;
    const value = completeValue(object[key], field.type, field.shape, [...path, key], errors);
    if (value === violation) return null;
    object[key] = value;
  }
  return object;
}

function completeValue(
  value: unknown,
  type: GraphQLOutputType,
  shape: Shape | undefined,
  path: Path,
  errors: GraphQLError[],
): unknown {
  if (isNonNullType(type)) {
    const inner = completeValue(value, type.ofType, shape, path, errors);
    if (inner !== null) return inner;
    if (!errors.some((error) => concerns(error, path))) {
      errors.push(
        new GraphQLError('A subgraph gave no value for a field that cannot be null.', {
          path,
          extensions: { code: 'SUBGRAPH_BAD_RESPONSE' },
        }),
      );
    }
    return violation;
  }
  if (value === null || value === undefined) return null;
  if (isListType(type)) {
    if (!Array.isArray(value)) return value;
    const items: unknown[] = value;
    for (const [index, item] of items.entries()) {
      const completed = completeValue(item, type.ofType, shape, [...path, index], errors);
      if (completed === violation) return null;
      items[index] = completed;
    }
    return items;
  }
  return shape && isRecord(value) ? complete(value, shape, path, errors) : value;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

/** Whether an error already says why the value at `path` is null: it lies on the way to it, or below it. */
function concerns({ path: at }: GraphQLError, path: Path): boolean {
  return at !== undefined && path.every((step, depth) => depth >= at.length || at[depth] === step);
}
