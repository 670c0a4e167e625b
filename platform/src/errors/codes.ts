import { type ContractErrorCode } from '@medigraph/schema';

/** What the platform itself reports, each with what it means to whoever gets it. */
export const platformErrorCodes = {
  CONFIGURATION_INVALID: 'An environment variable or a file that it names has a value that does not work.',

  LEDGER_UNAVAILABLE: 'No peer of the organisation could be reached; nothing was submitted.',
  LEDGER_TIMEOUT: 'The ledger did not answer in time; nothing was submitted.',
  LEDGER_FORBIDDEN: 'The ledger does not accept the identity for this channel or call.',
  LEDGER_CANCELLED: 'The caller gave up before the transaction was submitted.',
  EVALUATE_FAILED: 'The peer could not evaluate the call, for a reason that no contract gave.',
  ENDORSEMENT_FAILED: 'The organisations that must endorse did not, for a reason that no contract gave.',
  SUBMIT_FAILED: 'The ordering service refused the transaction.',
  COMMIT_FAILED: 'The transaction was ordered and found invalid; the error says with which validation code.',
  COMMIT_STATUS_UNKNOWN:
    'The transaction was submitted and its outcome is not known yet; ask again by its id.',
  RESULT_INVALID: 'A contract answered something that is not JSON.',
  IDEMPOTENCY_KEY_REUSED: 'The signer has used this idempotency key for another transaction.',
  ORGANIZATION_UNKNOWN: 'The connection profile has no such organisation.',
  CHANNEL_UNKNOWN: 'The connection profile has no such channel.',

  UNAUTHENTICATED: 'There is no access token, or it is not valid; the error says why.',
  IDENTITY_UNAVAILABLE: 'The keys that verify access tokens could not be fetched from their issuer.',
  KEY_NOT_FOUND: 'No key of this person or institution is kept here.',
  KMS_UNAVAILABLE: 'The key management service that wraps the master key does not answer, or refuses.',
  KEY_UNREADABLE: 'A sealed key cannot be opened: another master key, or a damaged file.',
  CA_UNAVAILABLE: 'The certificate authority could not be reached, or answered something that it never says.',
  CA_REFUSED:
    'The certificate authority refuses; the error has its HTTP status and its number for the reason.',
  ENROLMENT_UNAVAILABLE: 'The connection profile has no certificate authority for the organisation.',

  PREPARATION_INVALID: 'The preparation was made for another caller, or by nobody here.',
  PREPARATION_EXPIRED: 'The preparation is too old to be signed; prepare the transaction again.',
  SIGNATURE_INVALID: 'A signature is missing, or is not that of the certificate over what was prepared.',
  PREPARATION_FORGED: 'The server prepared something else than the wallet asked for; nothing was signed.',
  WALLET_NOT_ENROLLED: 'No organisation has enrolled the key of this wallet yet.',
  SHARE_FORGED: 'What guardians handed over is not the share of the keys that they were given.',
  SHARES_INSUFFICIENT: 'Fewer guardians have handed over their shares of the keys than it takes.',
  WALLET_UNREADABLE: 'The exported wallet was altered, is of another version, or has another passphrase.',
  CERTIFICATE_REQUEST_INVALID:
    'The certificate request is none, is for no key on P-256, or is not signed by its key and named after it.',

  BODY_TAMPERED: 'A sealed body is not the one that the ledger has, or was sealed for another entry.',
  KEY_UNWRAP_FAILED: 'A wrapped content key was not made for this recipient, or was altered.',
  RECIPIENT_KEY_INVALID: 'The public key of a recipient is not a point of the curve P-256.',

  FILE_TAMPERED:
    'A stored file is not the one that the ledger has: part of it was altered, moved, left out or cut off.',
  FILE_TOO_LARGE: 'The file is larger than one may be, or longer than was said.',
  FILE_QUOTA_EXCEEDED: 'The files of the person would have more bytes together than are kept of one.',
  UPLOAD_NOT_FOUND: 'There is no such upload, or it is not the caller’s, or it was given up.',
  UPLOAD_OFFSET_INVALID: 'The bytes sent do not go on where the upload stands.',
  UPLOAD_BUSY: 'Another request is sending to the same upload.',
  UPLOAD_INCOMPLETE: 'The upload is not there to its last byte.',

  FHIR_INVALID: 'The value is no valid FHIR R4 resource; the error lists each fault with its path.',
  FHIR_TOO_LARGE: 'The resource is larger than one entry of the ledger may be.',
  IMPORT_UNREADABLE: 'What was to be imported is, as a whole, no Bundle or NDJSON that can be read.',
  IMPORT_TOO_LARGE: 'What was to be imported is, as a whole, more than is taken, or was packed to become so.',

  DOCUMENTS_UNAVAILABLE: 'The document server could not be reached or did not answer in time.',
  CURSOR_INVALID: 'The cursor was not made by this stream.',
} as const;

/** What contracts refuse with, and how the platform passes it on. */
export const contractErrors: Readonly<Record<ContractErrorCode, string>> = {
  ARGUMENT_INVALID: 'The argument of a transaction does not fit its schema; the message names the field.',
  CALLER_FORBIDDEN: 'The signer may not do this.',
  INSTITUTION_EXISTS: 'An institution has this id.',
  INSTITUTION_NOT_FOUND: 'There is no such institution, or it is not of the kind needed.',
  PRACTITIONER_EXISTS: 'A practitioner has this id.',
  PATIENT_EXISTS: 'The key or the patient id is registered.',
  PATIENT_NOT_FOUND: 'There is no such patient.',
  RECOVERY_NOT_FOUND: 'There is no such recovery, no guardian was named, or the caller may not see it.',
  RECOVERY_STATE_INVALID: 'The recovery is in a state that does not allow this, or has to wait.',
  KEY_PROOF_INVALID: 'The new key did not sign that it takes the place of this one.',
  STORAGE_NOT_AUTHORIZED: 'The patient has not let the institution store records.',
  ENTRY_EXISTS: 'The patient has an entry with this id.',
  ENTRY_NOT_FOUND: 'There is no such entry, or the caller may not see it.',
  ENTRY_STATE_INVALID: 'The entry is in a state that does not allow this.',
  IMPORT_EXISTS: 'The patient has an import with this id.',
  IMPORT_NOT_FOUND: 'There is no such import, or the caller is none of its parties.',
  IMPORT_STATE_INVALID: 'The import is in a state that does not allow this.',
  ENTRY_IMPORTED: 'The patient has authorised the entry, or the import offers it; the message names it.',
  CONTRIBUTION_EXISTS: 'The batch was taken.',
  CONTRIBUTION_NOT_FOUND: 'No such batch was taken.',
  CONTRIBUTION_NOT_COVERED:
    'The patient does not let the device or program write this; the message names it.',
  KEY_MISSING: 'A wrapped key is missing for someone who must have one.',
  GRANTS_CHANGED: 'Someone was granted access since the keys were wrapped: wrap them for everyone again.',
  DRAFT_NOT_FOUND: 'There is no entry begun and not completed under this id, or another began it.',
  DRAFT_INCOMPLETE: 'Not every part of the entry is there, or they are not what its digest says.',
  CONSENT_EXISTS: 'A consent has this id.',
  CONSENT_NOT_FOUND: 'There is no such consent, or the caller may not see it.',
  CONSENT_STATE_INVALID: 'The consent is in a state that does not allow this.',
  CONSENT_NOT_COVERING: 'The consent does not cover the entry.',
  CONSENT_NOT_NARROWER: 'A grant may narrow what was requested, never widen it.',
  CONSENT_TERMS_INVALID: 'Such a consent cannot be given to such a grantee; the message names the term.',
  REQUESTS_PENDING: 'Too many requests of the grantee wait for the patient to decide.',
  EMERGENCY_NOT_PERMITTED:
    'The patient lets nobody disclose keys in an emergency, or not to this institution.',
  EMERGENCY_NOT_FOUND: 'There is no such emergency access, or the caller may not see it.',
  EMERGENCY_STATE_INVALID: 'The emergency access is over, or has been reviewed.',
  OPENING_NOT_FOUND: 'There is no such opening by this caller for these entries.',
  OPENING_EXPIRED: 'The opening is too old to read bodies with.',
  COVERAGE_EXISTS: 'A coverage has this id.',
  COVERAGE_NOT_FOUND: 'There is no such coverage, or the caller may not see it.',
  COVERAGE_NOT_IN_FORCE: 'The coverage is not in force on the day.',
  CLAIM_EXISTS: 'A claim has this id.',
  CLAIM_NOT_FOUND: 'There is no such claim, or the caller is none of its parties.',
  CLAIM_STATE_INVALID: 'The claim is in a state that does not allow this.',
  CLAIM_AMOUNT_INVALID: 'The amounts of the claim or its adjudication do not add up.',
};

export type PlatformErrorCode = keyof typeof platformErrorCodes | ContractErrorCode;
