import { type Logger } from 'pino';
import { PlannerUnavailableError } from '../errors.js';
import { FederationEngine } from './federation-engine.js';
import { nativePlanner } from './native-planner.js';
import { type EngineFactory } from './router-engine.js';

/**
 * The engines of a router that chooses none: those on the Rust query planner; where that has no binary for the platform, slower ones
 * in JavaScript, which the log is told of.
 * @throws {@link PlannerUnavailableError} where the packages of the latter are not installed either
 */
export async function defaultEngine(log: Logger): Promise<EngineFactory> {
  try {
    nativePlanner();
    return (supergraph, client) => FederationEngine.create(supergraph, client);
  } catch (unavailable) {
    if (!(unavailable instanceof PlannerUnavailableError)) throw unavailable;
    const { StitchingEngine } = await import('./stitching-engine.js').catch(() => {
      throw unavailable;
    });
    const { code, message } = unavailable;
    log.warn({ code, err: unavailable.cause }, `${message} Queries are executed in JavaScript meanwhile.`);
    return (supergraph, client) => StitchingEngine.create(supergraph, client);
  }
}
