export { type ReadModelsVerification, verifyReadModels } from './read-models.js';
export { type Verification, verifyDataFolder } from './verify-data-folder.js';
