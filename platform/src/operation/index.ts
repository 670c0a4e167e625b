export * from './usage.js';
export { countedUsage, DAppUsage, type DAppUsageOptions, type UsageDocument } from './usage-store.js';
export * from './log.js';
export * from './webhook-states.js';
