import {
  getNamedType,
  GraphQLError,
  isAbstractType,
  isCompositeType,
  isInterfaceType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  Kind,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLCompositeType,
  type GraphQLOutputType,
  type GraphQLSchema,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';
import { anyHolds, conditionOf, type Condition } from './conditions.js';
import { leafCompletion } from './leaf-values.js';
import { type ResponseErrors } from './response-errors.js';
import { isResponseObject, setValue, valueOf, type ResponseObject } from './response-object.js';
import { errorOfField } from './narrowed-operation.js';
import { TypeConditions } from './type-conditions.js';
import { type WithheldFields } from './withheld-fields.js';

/** One response on its way to the client. */
interface Completion {
  readonly variables: Readonly<Record<string, unknown>>;
  readonly errors: ResponseErrors;
  /** Where the value at hand is. */
  readonly path: (string | number)[];
}

/**
 * Gives a value as the client gets it: null where there is none, undefined where it has to be and is not, so that the enclosing
 * position becomes null.
 */
type Complete = (value: unknown, completion: Completion) => unknown;

/** A field of the response, for objects of one type. */
interface ProjectedField {
  readonly key: string;
  /** The key is one that every object has from its prototype. */
  readonly inherited: boolean;
  /** Answered if any holds; always where there are none. */
  readonly conditions?: readonly Condition[];
  /** Undefined for `__typename`, which is the object's type. */
  readonly complete?: Complete;
}

/** A selection set with the condition under which it applies. */
type Selected = readonly [Condition, SelectionSetNode];

/**
 * Shapes fetched data to the response that the client asked for: its fields in its order, nothing else, and nulls as GraphQL
 * propagates them (specification, "Executing Selection Sets" and "Handling Execution Errors"). Compiled once for an operation.
 */
export class Projection {
  readonly #schema: GraphQLSchema;
  readonly #conditions: TypeConditions;
  readonly #fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  readonly #withheld: WithheldFields | undefined;
  readonly #root: Complete;

  /** @param schema - what clients see */
  constructor(
    schema: GraphQLSchema,
    operation: OperationDefinitionNode,
    fragments: ReadonlyMap<string, FragmentDefinitionNode>,
    withheld?: WithheldFields,
  ) {
    this.#schema = schema;
    this.#withheld = withheld;
    this.#conditions = new TypeConditions(schema);
    this.#fragments = fragments;
    const root = schema.getRootType(operation.operation);
    if (!root) throw new GraphQLError(`The graph has no ${operation.operation}.`);
    this.#root = this.#compileComposite(root, [[[], operation.selectionSet]]);
  }

  /** The response's data; null where a null reached the root. What it finds wrong goes to `errors`. */
  apply(
    data: ResponseObject,
    variables: Readonly<Record<string, unknown>>,
    errors: ResponseErrors,
  ): ResponseObject | null {
    return (this.#root(data, { variables, errors, path: [] }) ?? null) as ResponseObject | null;
  }

  #compileType(type: GraphQLOutputType, below: readonly Selected[]): Complete {
    if (isNonNullType(type)) return nonNull(this.#compileType(type.ofType, below));
    if (isListType(type)) return list(this.#compileType(type.ofType, below));
    if (isLeafType(type)) {
      const complete = leafCompletion(type);
      return (value, completion) => {
        if (value === null || value === undefined) return null;
        const leaf = complete(value);
        return leaf === undefined ? misshapen(completion) : leaf;
      };
    }
    return this.#compileComposite(type, below);
  }

  #compileComposite(type: GraphQLCompositeType, selected: readonly Selected[]): Complete {
    // Described types were made by graphql-js itself, which gave them their shape.
    if (type.name.startsWith('__')) return (value) => value ?? null;
    const fieldsByType = new Map<string, readonly ProjectedField[]>();
    const fieldsOf = (name: string): readonly ProjectedField[] => {
      let fields = fieldsByType.get(name);
      if (!fields) fieldsByType.set(name, (fields = this.#fieldsOf(name, selected)));
      return fields;
    };
    const withheldOf = this.#withheldObjects();
    const possible = isAbstractType(type) ? this.#conditions.satisfying(type.name) : undefined;
    return (value, completion) => {
      if (value === null || value === undefined) return null;
      if (!isResponseObject(value)) return misshapen(completion);
      const { __typename: told } = value;
      const name = possible && typeof told === 'string' ? told : type.name;
      // A type that clients may not know, or none at all.
      if (possible && !possible.has(name)) return misshapen(completion);
      const withheld = withheldOf?.(name);
      if (withheld) return withheld(value, completion);
      return object(value, name, fieldsOf(name), completion);
    };
  }

  /** What becomes of an object of a type that is withheld. */
  #withheldObjects(): ((typeName: string) => Complete | undefined) | undefined {
    const withheld = this.#withheld;
    if (!withheld) return undefined;
    const known = new Map<string, Complete | undefined>();
    return (typeName) => {
      if (!known.has(typeName)) {
        const error = withheld.type(typeName);
        known.set(typeName, error && withheldAs(error, true));
      }
      return known.get(typeName);
    };
  }

  /** The fields of an object of a type, in the order of the selection, equal keys united. */
  #fieldsOf(typeName: string, selected: readonly Selected[]): readonly ProjectedField[] {
    const collected = new Map<string, [Condition, FieldNode][]>();
    const collect = (enclosing: Condition, { selections }: SelectionSetNode): void => {
      for (const selection of selections) {
        const condition = conditionOf(enclosing, selection.directives);
        if (!condition) continue;
        if (selection.kind === Kind.FIELD) {
          const key = selection.alias?.value ?? selection.name.value;
          const known = collected.get(key);
          if (known) known.push([condition, selection]);
          else collected.set(key, [[condition, selection]]);
          continue;
        }
        const fragment =
          selection.kind === Kind.INLINE_FRAGMENT ? selection : this.#fragments.get(selection.name.value);
        const on = fragment?.typeCondition?.name.value;
        if (fragment && (on === undefined || this.#conditions.satisfying(on).has(typeName))) {
          collect(condition, fragment.selectionSet);
        }
      }
    };
    for (const [condition, selectionSet] of selected) collect(condition, selectionSet);
    return [...collected].flatMap(([key, occurrences]) => {
      const field = this.#field(typeName, key, occurrences);
      return field ? [field] : [];
    });
  }

  #field(
    typeName: string,
    key: string,
    occurrences: readonly (readonly [Condition, FieldNode])[],
  ): ProjectedField | undefined {
    const conditions = occurrences.map(([condition]) => condition);
    const field = {
      key,
      inherited: key in Object.prototype,
      ...(conditions.every(({ length }) => length > 0) && { conditions }),
    };
    const name = occurrences[0]?.[1].name.value ?? key;
    if (name === '__typename') return field;
    const type = this.#typeOf(typeName, name);
    if (!type) return undefined;
    const error = this.#withheld && errorOfField(this.#schema, this.#withheld, typeName, name);
    if (error) return { ...field, complete: withheldAs(error, !isNonNullType(type)) };
    const below = occurrences.flatMap(([condition, { selectionSet }]): Selected[] =>
      selectionSet ? [[condition, selectionSet]] : [],
    );
    return { ...field, complete: this.#lazily(type, below) };
  }

  /** Compiled when it is first met: of an abstract type's many objects, few may ever come. */
  #lazily(type: GraphQLOutputType, below: readonly Selected[]): Complete {
    if (!isCompositeType(getNamedType(type))) return this.#compileType(type, below);
    let complete: Complete | undefined;
    return (value, completion) => (complete ??= this.#compileType(type, below))(value, completion);
  }

  #typeOf(typeName: string, fieldName: string): GraphQLOutputType | undefined {
    const type = this.#schema.getType(typeName);
    if (fieldName === '__schema' || fieldName === '__type')
      return this.#schema.getType('__Type') as GraphQLOutputType;
    return isObjectType(type) || isInterfaceType(type) ? type.getFields()[fieldName]?.type : undefined;
  }
}

function object(
  value: ResponseObject,
  typeName: string,
  fields: readonly ProjectedField[],
  completion: Completion,
): ResponseObject | null {
  const { path, variables } = completion;
  const projected: ResponseObject = {};
  for (const { key, inherited, conditions, complete } of fields) {
    if (conditions && !anyHolds(conditions, variables)) continue;
    let result: unknown = typeName;
    if (complete) {
      path.push(key);
      result = complete(inherited ? valueOf(value, key) : value[key], completion);
      path.pop();
      if (result === undefined) return null;
    }
    if (inherited) setValue(projected, key, result);
    else projected[key] = result;
  }
  return projected;
}

function list(item: Complete): Complete {
  return (value, completion) => {
    if (value === null || value === undefined) return null;
    if (!Array.isArray(value)) return misshapen(completion);
    const { path } = completion;
    const projected: unknown[] = [];
    for (let index = 0; index < value.length; index += 1) {
      path.push(index);
      const result = item(value[index], completion);
      path.pop();
      if (result === undefined) return null;
      projected.push(result);
    }
    return projected;
  };
}

function nonNull(inner: Complete): Complete {
  return (value, completion) => {
    const result = inner(value, completion);
    if (result !== null) return result;
    report(completion, 'A subgraph gave no value for a field that cannot be null.');
    return undefined;
  };
}

/** A value that the caller is not given: its error is told where the response first comes to this place of the document. */
function withheldAs(error: GraphQLError, nullable: boolean): Complete {
  const place = {};
  return (_value, { errors, path }) => {
    errors.addOnce(place, error, [...path]);
    return nullable ? null : undefined;
  };
}

/** A value that is none of its type is as good as none. */
function misshapen(completion: Completion): null {
  report(completion, 'A subgraph gave a value that is none of the type of its field.');
  return null;
}

function report({ errors, path }: Completion, message: string): void {
  if (errors.explains(path)) return;
  errors.add(new GraphQLError(message, { path: [...path], extensions: { code: 'SUBGRAPH_BAD_RESPONSE' } }));
}
