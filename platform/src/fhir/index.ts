export { decimalOf, centsOf, type Cents } from './amounts.js';
export { canonicalBytes } from './canonical-json.js';
export { categoryOf } from './categories.js';
export {
  claimNumbers,
  duplicateKeyOf,
  maxClaimLines,
  type ClaimLine,
  type ClaimNumbers,
  type ClaimParties,
  type DuplicateKeyParts,
} from './claim-mapping.js';
export { dayOf, entryDate } from './dates.js';
export { loadFhirDefinitions } from './definitions.js';
export { entryOf, type EntryIndex } from './entry.js';
export {
  FhirInvalidError,
  FhirTooLargeError,
  type FhirIssue,
  type OutcomeIssue,
  outcomeIssue,
} from './errors.js';
export {
  maxIssues,
  maxResourceBytes,
  parseResource,
  type R4Resource,
  validateResource,
} from './validate-resource.js';
export * from './reading/index.js';
