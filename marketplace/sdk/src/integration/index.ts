/** For tests of a DApp on a network that runs it: `medigraph dapp test` starts one, and runs `src/*.integration.test.ts` on it. */
export { DAppNetwork, type PatientOptions } from './dapp-network.js';
export { GraphRefusal } from '../graph-client.js';
export { EventMissing, NetworkMissing } from './errors.js';
export { networkVariable } from './network-service.js';
export { Participant, Patient } from './participant.js';
