import { Access } from './access.js';
import { Emergency } from './emergency.js';
import { Records } from './records.js';
import { Registration } from './registration.js';

export { Access, Emergency, Records, Registration };

/** What `fabric-chaincode-node` loads. */
export const contracts = [Registration, Records, Access, Emergency];
