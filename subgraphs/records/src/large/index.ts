export { type Draft, DraftStore } from './draft-store.js';
export { DraftSweep } from './draft-sweep.js';
