export { Seals } from './seals.js';
export { KeyRewrapping } from './key-rewrapping.js';
export { keyOf, KeyRotations } from './key-rotations.js';
export { ProgressStore, type RewrapProgress } from './progress-store.js';
