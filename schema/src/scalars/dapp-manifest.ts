import { GraphQLScalarType } from 'graphql';
import { GraphQLJSONObject } from 'graphql-scalars';

/** The manifest of a DApp, as JSON. Only that it is an object is checked here; the rest is said by its JSON Schema. */
export const dappManifestScalar = new GraphQLScalarType<object, object>({
  name: 'DAppManifest',
  description: 'The manifest of a DApp: `medigraph.json` of its package, as a JSON object.',
  serialize: (value) => GraphQLJSONObject.serialize(value),
  parseValue: (value) => GraphQLJSONObject.parseValue(value),
  parseLiteral: (node, variables) => GraphQLJSONObject.parseLiteral(node, variables),
});
