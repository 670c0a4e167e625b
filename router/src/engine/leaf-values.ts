import { isEnumType, specifiedScalarTypes, type GraphQLLeafType } from 'graphql';

/** The value as clients get it; undefined where it is none of its type. */
export type CompleteLeaf = (value: unknown) => unknown;

/** What a value of a built-in scalar looks like in JSON, so that it needs no conversion. */
const plain: Readonly<Record<string, (value: unknown) => boolean>> = {
  String: (value) => typeof value === 'string',
  ID: (value) => typeof value === 'string',
  Boolean: (value) => typeof value === 'boolean',
  Float: Number.isFinite,
  Int: (value) => Number.isInteger(value) && Math.abs(value as number) <= 0x7fff_ffff,
};

/**
 * How values of a scalar or enum are completed. Built-in scalars convert as in any GraphQL server; a subgraph's own scalars are
 * taken as they are; an enum has only the values that clients may know.
 */
export function leafCompletion(type: GraphQLLeafType): CompleteLeaf {
  if (isEnumType(type)) {
    const names = new Set<unknown>(type.getValues().map(({ name }) => name));
    return (value) => (names.has(value) ? value : undefined);
  }
  const builtIn = specifiedScalarTypes.find(({ name }) => name === type.name);
  const isPlain = plain[type.name];
  if (!builtIn || !isPlain) return (value) => value;
  return (value) => {
    if (isPlain(value)) return value;
    try {
      return builtIn.serialize(value);
    } catch {
      return undefined;
    }
  };
}
