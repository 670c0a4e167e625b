import { SuiteContract } from '@medigraph/chaincode-lib';
import { ClaimsContext } from './claims-context.js';

/** A contract of the claims suite. */
export class ClaimsContract extends SuiteContract {
  override createContext(): ClaimsContext {
    return new ClaimsContext();
  }
}
