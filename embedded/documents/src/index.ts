export { startDocuments, type DocumentsOptions, type DocumentsServer } from './documents-server.js';
