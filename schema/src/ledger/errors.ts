/**
 * Codes that contracts refuse with. Fabric carries one string from a contract to its caller, so the code travels as its
 * first word: `CODE: what is wrong and what to do`.
 */
export const contractErrorCodes = [
  'ARGUMENT_INVALID',
  'CALLER_FORBIDDEN',
  'INSTITUTION_EXISTS',
  'INSTITUTION_NOT_FOUND',
  'PRACTITIONER_EXISTS',
  'PATIENT_EXISTS',
  'PATIENT_NOT_FOUND',
  'KEY_PROOF_INVALID',
  'RECOVERY_NOT_FOUND',
  'RECOVERY_STATE_INVALID',
  'STORAGE_NOT_AUTHORIZED',
  'ENTRY_EXISTS',
  'ENTRY_NOT_FOUND',
  'ENTRY_STATE_INVALID',
  'KEY_MISSING',
  'IMPORT_EXISTS',
  'IMPORT_NOT_FOUND',
  'IMPORT_STATE_INVALID',
  'ENTRY_IMPORTED',
  'CONTRIBUTION_EXISTS',
  'CONTRIBUTION_NOT_FOUND',
  'CONTRIBUTION_NOT_COVERED',
  'GRANTS_CHANGED',
  'DRAFT_NOT_FOUND',
  'DRAFT_INCOMPLETE',
  'CONSENT_EXISTS',
  'CONSENT_NOT_FOUND',
  'CONSENT_STATE_INVALID',
  'CONSENT_NOT_COVERING',
  'CONSENT_NOT_NARROWER',
  'CONSENT_TERMS_INVALID',
  'REQUESTS_PENDING',
  'EMERGENCY_NOT_PERMITTED',
  'EMERGENCY_NOT_FOUND',
  'EMERGENCY_STATE_INVALID',
  'OPENING_NOT_FOUND',
  'OPENING_EXPIRED',
  'COVERAGE_EXISTS',
  'COVERAGE_NOT_FOUND',
  'COVERAGE_NOT_IN_FORCE',
  'CLAIM_EXISTS',
  'CLAIM_NOT_FOUND',
  'CLAIM_STATE_INVALID',
  'CLAIM_AMOUNT_INVALID',
  'DAPP_FORBIDDEN',
  'PUBLISHER_EXISTS',
  'PUBLISHER_NOT_FOUND',
  'PUBLISHER_KEY_EXISTS',
  'PUBLISHER_KEY_UNKNOWN',
  'PUBLISHER_KEY_REVOKED',
  'PUBLISHER_IMPERSONATED',
  'SIGNATURE_INVALID',
  'DAPP_TAKEN',
  'DAPP_NOT_FOUND',
  'DAPP_NOT_ACTIVE',
  'DAPP_ENDED',
  'DAPP_REVOKED',
  'RELEASE_EXISTS',
  'RELEASE_NOT_HIGHER',
  'CHANNEL_CHANGED',
  'RELEASE_NOT_FOUND',
  'RELEASE_STATE_INVALID',
  'VOTE_EXISTS',
  'SCOPE_UNKNOWN',
  'SCOPE_REQUIRED',
  'GRANT_INVALID',
  'INSTALLATION_NOT_FOUND',
  'POLICY_INVALID',
] as const;
export type ContractErrorCode = (typeof contractErrorCodes)[number];

export function formatContractError(code: ContractErrorCode, message: string): string {
  return `${code}: ${message}`;
}

const known: ReadonlySet<string> = new Set(contractErrorCodes);

/** Finds the code and text in what a peer says of a refused transaction; undefined if a contract did not say it. */
export function parseContractError(text: string): { code: ContractErrorCode; message: string } | undefined {
  const match = /(?:^|, )([A-Z][A-Z_]+): ([\s\S]*)$/.exec(text);
  const code = match?.[1];
  if (code === undefined || !known.has(code)) return undefined;
  return { code: code as ContractErrorCode, message: match?.[2] ?? '' };
}
