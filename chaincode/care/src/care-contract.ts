import { SuiteContract } from '@medigraph/chaincode-lib';
import { CareContext } from './care-context.js';

/** A contract of the care suite. */
export class CareContract extends SuiteContract {
  override createContext(): CareContext {
    return new CareContext();
  }
}
