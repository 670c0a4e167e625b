import { streamRates } from './file-streams.js';

/** A process of its own, which Node runs as it runs the platform. */
process.send?.(await streamRates(Number(process.argv[2])));
