import { GraphQLError, GraphQLScalarType } from 'graphql';
import { GraphQLJSONObject } from 'graphql-scalars';

/** A FHIR R4 resource in JSON. Only its outline is checked here; profiles are the validator's matter. */
export interface FhirResource {
  readonly resourceType: string;
  readonly [element: string]: unknown;
}

/** A whole FHIR R4 resource, as JSON. */
export const fhirResourceScalar = new GraphQLScalarType<FhirResource, FhirResource>({
  name: 'FHIRResource',
  description: 'A FHIR R4 resource as a JSON object with its resourceType.',
  specifiedByURL: 'https://hl7.org/fhir/R4/json.html',
  serialize: resource,
  parseValue: resource,
  parseLiteral: (node, variables) => resource(GraphQLJSONObject.parseLiteral(node, variables)),
});

function resource(value: unknown): FhirResource {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new GraphQLError('FHIRResource must be a JSON object.');
  if (!('resourceType' in value) || typeof value.resourceType !== 'string')
    throw new GraphQLError('FHIRResource must have a resourceType.');
  return value as FhirResource;
}
