export { accountRefusalCodes } from './accounts/refusals.js';
export { type IdentityServer, type IdentityServerOptions, startIdentityServer } from './identity-server.js';
export {
  IdentityConfigurationError,
  IdentityError,
  IdentityStartError,
  IdentityUnreadableError,
} from './errors.js';
export { jsonLog, type Log, silentLog } from './log.js';
