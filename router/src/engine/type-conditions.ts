import { isAbstractType, isObjectType, type GraphQLSchema } from 'graphql';

/** Names of the types that a value may have to satisfy a type condition. */
export type TypeNames = ReadonlySet<string>;

/**
 * Resolves type conditions to the types that satisfy them. A condition's own name is among them: an `@interfaceObject` is known
 * by the name of its interface until a subgraph says what it is.
 */
export class TypeConditions {
  readonly #schema: GraphQLSchema;
  readonly #resolved = new Map<string, TypeNames>();

  constructor(schema: GraphQLSchema) {
    this.#schema = schema;
  }

  satisfying(...conditions: readonly string[]): TypeNames {
    const [only] = conditions;
    if (conditions.length === 1 && only !== undefined) return this.#satisfying(only);
    return new Set(conditions.flatMap((condition) => [...this.#satisfying(condition)]));
  }

  #satisfying(condition: string): TypeNames {
    let names = this.#resolved.get(condition);
    if (!names) {
      const type = this.#schema.getType(condition);
      const subtypes = isAbstractType(type)
        ? Object.values(this.#schema.getTypeMap()).filter(
            (candidate) =>
              (isObjectType(candidate) || isAbstractType(candidate)) &&
              candidate.name !== condition &&
              'getInterfaces' in candidate &&
              this.#schema.isSubType(type, candidate),
          )
        : [];
      names = new Set([condition, ...subtypes.map(({ name }) => name)]);
      this.#resolved.set(condition, names);
    }
    return names;
  }
}
