import { Claims } from './claims.js';
import { Coverage } from './coverage.js';

export { Claims, Coverage };

/** What `fabric-chaincode-node` loads. */
export const contracts = [Coverage, Claims];
