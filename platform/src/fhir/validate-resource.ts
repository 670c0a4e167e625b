import { OperationOutcomeError, validateResource as validateStructure } from '@medplum/core';
import { type FhirResource, type OperationOutcome } from 'fhir/r4.js';
import { isResourceTypeName } from './definitions.js';
import { FhirInvalidError, FhirTooLargeError, type FhirIssue } from './errors.js';
import { requirePlainJson } from './json-limits.js';
import { wrongCodes } from './required-codes.js';

/** Bytes of JSON that one resource may have: what one encrypted entry of the ledger holds. */
export const maxResourceBytes = 1_000_000;

/**
 * Checks that a value is one FHIR R4 resource: known type, every element known, typed and in its cardinality, primitive
 * formats, codes of required bindings that FHIR lists, and the R4 invariants. Other codes are not looked up in
 * terminologies.
 *
 * @throws {@link FhirInvalidError} coded `FHIR_INVALID`, with a path and message for every fault.
 * @throws {@link FhirTooLargeError} coded `FHIR_TOO_LARGE`, beyond {@link maxResourceBytes}.
 */
export function validateResource(value: unknown): asserts value is FhirResource {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new FhirInvalidError([{ path: 'Resource', message: 'is not a JSON object' }]);
  }
  requirePlainJson(value, 'Resource');
  const bytes = Buffer.byteLength(JSON.stringify(value));
  if (bytes > maxResourceBytes) throw new FhirTooLargeError(bytes, maxResourceBytes);
  const type = (value as { resourceType?: unknown }).resourceType;
  if (typeof type !== 'string') {
    throw new FhirInvalidError([{ path: 'Resource.resourceType', message: 'is missing' }]);
  }
  if (!isResourceTypeName(type)) {
    throw new FhirInvalidError([
      {
        path: 'Resource.resourceType',
        message: `${JSON.stringify(type.slice(0, 64))} is not a resource type of FHIR R4`,
      },
    ]);
  }
  try {
    validateStructure(value);
  } catch (error) {
    throw new FhirInvalidError(issuesOf(error, type), { cause: error });
  }
  const issues = wrongCodes(value as Record<string, unknown>);
  if (issues.length > 0) throw new FhirInvalidError(issues);
}

/**
 * Reads one resource from JSON text, refusing an oversized one before it is parsed.
 *
 * @throws as {@link validateResource}.
 */
export function parseResource(json: string | Uint8Array): FhirResource {
  const bytes = typeof json === 'string' ? Buffer.byteLength(json) : json.byteLength;
  if (bytes > maxResourceBytes) throw new FhirTooLargeError(bytes, maxResourceBytes);
  const text = typeof json === 'string' ? json : new TextDecoder().decode(json);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new FhirInvalidError([{ path: 'Resource', message: 'is not JSON' }], { cause: error });
  }
  validateResource(value);
  return value;
}

function issuesOf(error: unknown, type: string): FhirIssue[] {
  if (!(error instanceof OperationOutcomeError)) {
    return [{ path: type, message: error instanceof Error ? error.message : String(error) }];
  }
  const { issue } = error.outcome as OperationOutcome;
  const issues = issue
    .filter(({ severity }) => severity === 'error' || severity === 'fatal')
    .map(({ expression, details, diagnostics }) => ({
      path: expression?.[0] ?? type,
      message: details?.text ?? diagnostics ?? 'is invalid',
    }));
  return issues.length > 0 ? issues : [{ path: type, message: error.message }];
}
