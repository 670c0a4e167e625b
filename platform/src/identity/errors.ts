import { PlatformError, type PlatformErrorCode } from '../errors/index.js';

/** There is no access token, or it is not valid. */
export class UnauthenticatedError extends PlatformError {
  /** What is wrong, as a word that does not change: `expired`, `signature`, `audience` … */
  readonly reason: string;

  constructor(reason: string, message: string, options?: ErrorOptions) {
    const code: PlatformErrorCode = 'UNAUTHENTICATED';
    super(code, message, options);
    this.reason = reason;
  }
}

/** The keys that verify access tokens could not be fetched. */
export class IdentityUnavailableError extends PlatformError {
  constructor(options?: ErrorOptions) {
    const code: PlatformErrorCode = 'IDENTITY_UNAVAILABLE';
    super(code, 'The keys of the token issuer cannot be fetched; try again later.', options);
  }
}

/** Clients of DApps cannot be registered. */
export class DAppClientsUnavailableError extends PlatformError {
  constructor(problem: string, options?: ErrorOptions) {
    const code: PlatformErrorCode = 'DAPP_CLIENTS_UNAVAILABLE';
    super(code, `The administration of the identity provider ${problem}.`, options);
  }
}

/** No key of this person or institution is kept here. */
export class KeyNotFoundError extends PlatformError {
  constructor(owner: string) {
    const code: PlatformErrorCode = 'KEY_NOT_FOUND';
    super(code, `No key of ${owner} is kept here.`);
  }
}

/** Something sealed cannot be opened. */
export class KeyUnreadableError extends PlatformError {
  constructor(name: string, options?: ErrorOptions) {
    const code: PlatformErrorCode = 'KEY_UNREADABLE';
    super(
      code,
      `${name} cannot be unsealed: the master key is another one, or the file is damaged.`,
      options,
    );
  }
}

/** The key management service that wraps the master key does not answer, or refuses. */
export class KmsUnavailableError extends PlatformError {
  constructor(
    /** HTTP status, if it answered. */
    readonly status: number | undefined,
    options?: ErrorOptions,
  ) {
    const code: PlatformErrorCode = 'KMS_UNAVAILABLE';
    const problem = status === undefined ? 'cannot be reached' : `answers ${status}`;
    super(
      code,
      `The key management service ${problem}; is its URL right, and may the token use the key?`,
      options,
    );
  }
}

/** The connection profile has no certificate authority for the organisation. */
export class EnrolmentUnavailableError extends PlatformError {
  constructor(mspId: string) {
    const code: PlatformErrorCode = 'ENROLMENT_UNAVAILABLE';
    super(code, `The connection profile has no certificate authority for ${mspId}.`);
  }
}

/** A certificate request that nothing can be issued for. */
export class CertificateRequestInvalidError extends PlatformError {
  constructor(problem: string, options?: ErrorOptions) {
    const code: PlatformErrorCode = 'CERTIFICATE_REQUEST_INVALID';
    super(code, `The certificate request cannot be used: ${problem}.`, options);
  }
}
