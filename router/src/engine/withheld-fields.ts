import { type GraphQLError } from 'graphql';

/**
 * Parts of the graph that are kept from one caller. They are not asked of any subgraph; where the response has a place for them it
 * has null and, once for each place in the document, an error.
 */
export interface WithheldFields {
  /** Equal for equal parts: plans are kept by it. */
  readonly key: string;
  /** The error of a field of an object type, or of an interface where it is withheld of any object; undefined where it is given. */
  field(typeName: string, fieldName: string): GraphQLError | undefined;
  /** The error of every value of an object, scalar or enum type; undefined where they are given. */
  type(typeName: string): GraphQLError | undefined;
}

/** What any of several keep from a caller; the first that does gives the error. */
export function unitedFields(parts: readonly WithheldFields[]): WithheldFields {
  const [only] = parts;
  if (only && parts.length === 1) return only;
  const first = (of: (part: WithheldFields) => GraphQLError | undefined): GraphQLError | undefined => {
    for (const part of parts) {
      const error = of(part);
      if (error) return error;
    }
    return undefined;
  };
  return {
    key: JSON.stringify(parts.map(({ key }) => key)),
    field: (typeName, fieldName) => first((part) => part.field(typeName, fieldName)),
    type: (typeName) => first((part) => part.type(typeName)),
  };
}
