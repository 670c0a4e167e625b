export { encodeCursor, type Positions } from './cursor.js';
export * from './projection.js';
export { persevere } from './persevere.js';
export { strangersEvent } from './decode-events.js';
export { CursorInvalidError } from './errors.js';
export { createProjector, type ProjectorOptions } from './ledger-projector.js';
