import { DApps } from './dapps.js';

export { DApps };

/** What `fabric-chaincode-node` loads. */
export const contracts = [DApps];
