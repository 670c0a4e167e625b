export {
  type BundleEntry,
  bundleEntry,
  importableBundles,
  ownReference,
  referenceKey,
  requireImportable,
  standingAlone,
} from './bundle.js';
export { ImportTooLargeError, ImportUnreadableError } from './errors.js';
export { type ImportFormat, type ReadEntry, readResources } from './read-resources.js';
export { foreignSubjects, type Subject, subjectsOf } from './subjects.js';
export { type Packing, unpacked } from './unpacked.js';
