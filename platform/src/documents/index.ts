export {
  asDocumentsFailure,
  connectDocuments,
  isDocumentsUnavailable,
  withDocuments,
  type Documents,
  type DocumentsOptions,
} from './documents.js';
export { DocumentsUnavailableError } from './errors.js';
export { compareDatabases, type DatabaseComparison } from './compare-databases.js';
