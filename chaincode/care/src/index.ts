import { Access } from './access.js';
import { Contributions } from './contributions.js';
import { Emergency } from './emergency.js';
import { Imports } from './imports.js';
import { Records } from './records.js';
import { Recovery } from './recovery.js';
import { Registration } from './registration.js';

export { Access, Contributions, Emergency, Imports, Records, Recovery, Registration };

/** What `fabric-chaincode-node` loads. */
export const contracts = [Registration, Recovery, Records, Imports, Contributions, Access, Emergency];
