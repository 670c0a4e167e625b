import { PlatformError } from '../errors/index.js';

/** What is wrong with one element of a resource. */
export interface FhirIssue {
  /** FHIRPath of the element, such as `Observation.status`. */
  readonly path: string;
  readonly message: string;
}

/** A value is not a valid FHIR R4 resource, or not one that the ledger's model can hold. */
export class FhirInvalidError extends PlatformError {
  /** Every fault found, in document order; at least one. */
  readonly issues: readonly FhirIssue[];

  constructor(issues: readonly FhirIssue[], options?: ErrorOptions) {
    super('FHIR_INVALID', summaryOf(issues), options);
    this.issues = issues;
  }
}

/** A resource is larger than one entry of the ledger may be. */
export class FhirTooLargeError extends PlatformError {
  constructor(bytes: number, limit: number) {
    super('FHIR_TOO_LARGE', `the resource has ${bytes} bytes of JSON; at most ${limit} are accepted`);
  }
}

const shown = 3;

function summaryOf(issues: readonly FhirIssue[]): string {
  const texts = issues.slice(0, shown).map(({ path, message }) => `${path}: ${message}`);
  const more = issues.length > shown ? `; and ${issues.length - shown} more` : '';
  return `not a valid FHIR R4 resource: ${texts.join('; ')}${more}`;
}
