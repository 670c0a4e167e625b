export { demandPlainPath } from './entry-path.js';
export { packageLimits, type PackageLimits } from './limits.js';
export { manifestOf, parseManifest } from './manifest.js';
export { PackageError, type PackageErrorCode, packageErrorCodes } from './package-error.js';
export {
  lockFile,
  type Build,
  type Provenance,
  provenanceFaults,
  provenanceFile,
  provenanceOf,
} from './provenance.js';
export { decryptKey, encryptKey, generatePublisherKey, type PublisherKey } from './publisher-key.js';
export { readPackage, type ReadPackage } from './read-package.js';
export { signPackage, verifySignature } from './signature.js';
export { type PackageFiles, writePackage } from './write-package.js';
