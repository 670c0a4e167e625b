export * from './chaincode-definition.js';
export { type ChaincodePackage, packageService } from './chaincode-package.js';
export * from './channel-lifecycle.js';
export { type Administrator, deploy, type Deployment } from './deploy.js';
export * from './errors.js';
export * from './peer-admin.js';
export * from './peer-connection.js';
