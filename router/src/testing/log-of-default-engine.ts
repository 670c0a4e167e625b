/** Says over IPC what is logged when the engine is chosen. */
import { pino } from 'pino';
import { defaultEngine } from '../engine/default-engine.js';

await defaultEngine(pino({}, { write: (line: string) => process.send?.(JSON.parse(line)) }));
process.disconnect();
