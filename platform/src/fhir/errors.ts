import { PlatformError } from '../errors/index.js';

/** What is wrong with one element of a resource. */
export interface FhirIssue {
  /** FHIRPath of the element, such as `Observation.status`. */
  readonly path: string;
  readonly message: string;
}

/** FHIR OperationOutcome.issue, as the graph tells it. */
export interface OutcomeIssue {
  readonly severity: 'error';
  readonly code: 'invalid';
  readonly expression: readonly [string];
  readonly diagnostics: string;
  readonly location?: readonly [string];
}

/** The issue as an OperationOutcome has it. */
export function outcomeIssue({ path, message }: FhirIssue, location?: string): OutcomeIssue {
  const issue = { severity: 'error', code: 'invalid', expression: [path], diagnostics: message } as const;
  return location === undefined ? issue : { ...issue, location: [location] };
}

/** A value is not a valid FHIR R4 resource, or not one that the ledger's model can hold. */
export class FhirInvalidError extends PlatformError {
  /** Every fault found, in document order; at least one. */
  readonly issues: readonly FhirIssue[];
  override readonly extensions: { readonly issues: readonly OutcomeIssue[] };

  /** @param location - which of several resources it is, such as `resources[3]`. */
  constructor(issues: readonly FhirIssue[], options: ErrorOptions & { readonly location?: string } = {}) {
    const { location } = options;
    super('FHIR_INVALID', `${location === undefined ? '' : `${location} is `}${summaryOf(issues)}`, options);
    this.issues = issues;
    this.extensions = { issues: issues.map((issue) => outcomeIssue(issue, location)) };
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
