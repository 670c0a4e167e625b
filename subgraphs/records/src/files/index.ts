export { EntryIndex } from '../read-model.js';
export { FileService } from './file-service.js';
export { FileSweep, type SweepPace, type SweepReport } from './file-sweep.js';
