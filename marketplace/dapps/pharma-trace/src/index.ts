import { AdverseEvents } from './adverse-events.js';
import { Recalls } from './recalls.js';
import { Trace } from './trace.js';

/** What the host loads. */
export const contracts = [Trace, Recalls, AdverseEvents];
