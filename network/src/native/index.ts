export * from './binaries.js';
export { type AuthorityProgram } from './ca-servers.js';
export * from './errors.js';
export { type ChaincodeProgram } from './nodes.js';
export { assignPorts } from './ports.js';
export * from './start-native.js';
export * from './status.js';
