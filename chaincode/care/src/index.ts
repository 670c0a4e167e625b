import { Access } from './access.js';
import { Records } from './records.js';
import { Registration } from './registration.js';

export { Access, Records, Registration };

/** What `fabric-chaincode-node` loads. */
export const contracts = [Registration, Records, Access];
