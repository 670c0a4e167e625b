export {
  type CaAttribute,
  CaClient,
  type CaInfo,
  type CaRegistration,
  type EnrollmentOptions,
  type Revocation,
  type RevokedCertificate,
} from './ca-client.js';
export { authorizationToken, type CaIdentity, type TokenContent } from './ca-identity.js';
export { type CaEndpoint, type CaMessage, exchange } from './ca-transport.js';
export { certificateRequest } from './certificate-request.js';
export { CaRefusedError, CaUnavailableError } from './errors.js';
