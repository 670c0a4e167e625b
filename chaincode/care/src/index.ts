import { Access } from './access.js';
import { Emergency } from './emergency.js';
import { Records } from './records.js';
import { Recovery } from './recovery.js';
import { Registration } from './registration.js';

export { Access, Emergency, Records, Recovery, Registration };

/** What `fabric-chaincode-node` loads. */
export const contracts = [Registration, Recovery, Records, Access, Emergency];
