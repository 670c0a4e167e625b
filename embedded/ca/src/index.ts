export { type CaServer, type CaServerOptions, startCaServer } from './ca-server.js';
export { caDescription, type CaDescription, readCaDescription } from './description.js';
export { CaConfigurationError, CaError, CaUnavailableError } from './errors.js';
export { jsonLog, type Log, silentLog } from './log.js';
