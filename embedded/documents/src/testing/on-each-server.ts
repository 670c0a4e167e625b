import { describe } from '@jest/globals';
import { embedded, ferretdb, mongodb, type Target } from './targets.js';

/**
 * Runs scenarios against the embedded server, and a second and third time against the real servers that the environment names
 * (`MEDIGRAPH_TEST_MONGODB_URI`, `MEDIGRAPH_TEST_FERRETDB_URI`). Where it names none, those runs count as skipped.
 *
 * @param name - what the scenarios are about.
 * @param servers - `all`, or `like-mongodb` where FerretDB is known not to offer what the scenarios need.
 */
export function onEachServer(
  name: string,
  scenarios: (target: Target) => void,
  servers: 'all' | 'like-mongodb' = 'all',
): void {
  describe(`${name} on ${embedded.name}`, () => scenarios(embedded));
  for (const target of servers === 'all' ? [mongodb, ferretdb] : [mongodb]) {
    const suite = target.uri ? describe : describe['skip'];
    suite(`${name} on ${target.name}`, () => scenarios(target));
  }
}
