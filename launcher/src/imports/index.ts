export { type FileOutcome, importFile } from './import-file.js';
export { planImport } from './import-plan.js';
export { WatchedFolder } from './watched-folder.js';
