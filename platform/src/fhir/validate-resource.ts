import { OperationOutcomeError, validateResource as validateStructure } from '@medplum/core';
import { type FhirResource, type OperationOutcome } from 'fhir/r4.js';
import { isResourceTypeName } from './definitions.js';
import { ElementRules } from './element-rules.js';
import { FhirInvalidError, FhirTooLargeError, type FhirIssue } from './errors.js';
import { plainJsonFault } from './json-limits.js';
import { parseStrictJson } from './strict-json.js';

/** A resource of FHIR R4, of any type. */
export type R4Resource = FhirResource;

type JsonObject = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Bytes of JSON that one resource may have unless its reader takes more: what one transaction carries, sealed. */
export const maxResourceBytes = 1_000_000;

/** Faults of one resource that are told. */
export const maxIssues = 100;

/**
 * Checks that a value is one FHIR R4 resource: known type, every element known, typed, in its cardinality and the only one of
 * its choice; the formats of primitives; codes of required bindings; targets of references, contained ones present; extensions;
 * contained and bundled resources likewise; and the R4 invariants. Other codes are not looked up in terminologies.
 *
 * @param location - which of several resources it is, such as `resources[3]`; told with every fault.
 * @throws {@link FhirInvalidError} coded `FHIR_INVALID`, with a path and message for every fault.
 * @param maxBytes - how much of JSON it may be.
 * @throws {@link FhirTooLargeError} coded `FHIR_TOO_LARGE`, beyond that.
 */
export function validateResource(
  value: unknown,
  location?: string,
  maxBytes = maxResourceBytes,
): asserts value is FhirResource {
  const issues = issuesOf(value, maxBytes);
  if (issues.length > 0) throw new FhirInvalidError(issues, { location });
}

/** At most {@link maxIssues} faults, in the order of the document as far as they are about one element. */
function issuesOf(value: unknown, maxBytes: number): readonly FhirIssue[] {
  if (!isObject(value)) return [{ path: 'Resource', message: 'is not a JSON object' }];
  const fault = plainJsonFault(value, 'Resource');
  if (fault) return [fault];
  const bytes = Buffer.byteLength(JSON.stringify(value));
  if (bytes > maxBytes) throw new FhirTooLargeError(bytes, maxBytes);
  const type = value['resourceType'];
  if (typeof type !== 'string') return [{ path: 'Resource.resourceType', message: 'is missing' }];
  const rules = new ElementRules(maxIssues);
  rules.checkResource(value, isResourceTypeName(type) ? type : 'Resource');
  if (!isResourceTypeName(type)) return rules.issues;
  return merged(rules.issues, structureIssues(value, type)).slice(0, maxIssues);
}

/**
 * Reads one resource from JSON text, refusing an oversized one before it is parsed.
 *
 * @throws as {@link validateResource}; also for what is no UTF-8, no JSON, or has a member twice.
 */
export function parseResource(json: string | Uint8Array, location?: string): FhirResource {
  const bytes = typeof json === 'string' ? Buffer.byteLength(json) : json.byteLength;
  if (bytes > maxResourceBytes) throw new FhirTooLargeError(bytes, maxResourceBytes);
  const value = parseStrictJson(json, 'Resource', location);
  validateResource(value, location);
  return value;
}

/** Formats that the rules of single elements judge, and more exactly. */
const judgedElsewhere =
  /^Invalid \w+ format$|^String cannot be larger than 1 MB$|^Constraint (ras-2|dom-3|per-1|ref-1) not met/;

/** Missing elements, and invariants that span several. */
function structureIssues(resource: JsonObject, type: string): FhirIssue[] {
  try {
    validateStructure(resource as unknown as FhirResource as Parameters<typeof validateStructure>[0]);
    return [];
  } catch (error) {
    if (!(error instanceof OperationOutcomeError))
      return [{ path: type, message: error instanceof Error ? error.message : String(error) }];
    const { issue } = error.outcome as OperationOutcome;
    return issue
      .filter(({ severity }) => severity === 'error' || severity === 'fatal')
      .map(({ expression, details, diagnostics }) => ({
        path: jsonPath(expression?.[0] ?? type, resource),
        message: details?.text ?? diagnostics ?? 'is invalid',
      }))
      .filter(({ message }) => !judgedElsewhere.test(message));
  }
}

/** The path with each choice under the name that the resource has it by: `Observation.valueQuantity`, not `value[x]`. */
function jsonPath(path: string, resource: JsonObject): string {
  if (!path.includes('[x]')) return path;
  let value: unknown = resource;
  const [type = '', ...steps] = path.split('.');
  const named = steps.map((step) => {
    const [, name = step, choice, index] = /^(\w+)(\[x\])?(?:\[(\d+)\])?$/.exec(step) ?? [];
    const members = typeof value === 'object' && value !== null ? (value as JsonObject) : {};
    const key = choice === undefined ? name : Object.keys(members).find((one) => isChoice(one, name));
    const member = key === undefined ? undefined : members[key];
    value = index !== undefined && Array.isArray(member) ? member[Number(index)] : member;
    return key === undefined ? step : `${key}${index === undefined ? '' : `[${index}]`}`;
  });
  return [type, ...named].join('.');
}

function isChoice(key: string, name: string): boolean {
  return key.startsWith(name) && /^[A-Z]/.test(key.slice(name.length));
}

/** Both lists; of an element that the first names, or of its parts, only what the first says. */
function merged(first: readonly FhirIssue[], second: readonly FhirIssue[]): FhirIssue[] {
  const named = first.map(({ path }) => path);
  // What cannot be judged as a whole while a part of it is wrong: an invariant of the resource that fails for that.
  const isFollowing = ({ path, message }: FhirIssue): boolean =>
    named.some((one) => one === path || path.startsWith(`${one}.`) || path.startsWith(`${one}[`)) ||
    (first.length > 0 && message.startsWith('Constraint')) ||
    (first.length > 0 && !path.includes('.'));
  return [...first, ...second.filter((issue) => !isFollowing(issue))];
}
