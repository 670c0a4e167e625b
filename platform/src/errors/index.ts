export { contractErrors, platformErrorCodes, type PlatformErrorCode } from './codes.js';
export { PlatformError } from './platform-error.js';
