import { type ScenarioGroup } from '../scenario.js';
import { access } from './access.js';
import { accessControlLists } from './access-control-lists.js';
import { authorities } from './authorities.js';
import { blocks } from './blocks.js';
import { chaincodeFaults } from './chaincode-faults.js';
import { channelConfiguration } from './channel-configuration.js';
import { crossChannelCalls } from './cross-channel-calls.js';
import { discovery } from './discovery.js';
import { endorsement } from './endorsement.js';
import { errors } from './errors.js';
import { events } from './events.js';
import { joining } from './joining.js';
import { keyLevelEndorsement } from './key-level-endorsement.js';
import { lifecycle } from './lifecycle.js';
import { offlineSigning } from './offline-signing.js';
import { privateData } from './private-data.js';
import { proposals } from './proposals.js';
import { queries } from './queries.js';
import { queryChaincode } from './query-chaincode.js';
import { recovery } from './recovery.js';
import { tls } from './tls.js';
import { transactions } from './transactions.js';

/** Everything that is promised of a network, in the order in which it is tried. */
export const suite: readonly ScenarioGroup[] = [
  blocks,
  transactions,
  queries,
  errors,
  endorsement,
  events,
  offlineSigning,
  proposals,
  privateData,
  keyLevelEndorsement,
  access,
  authorities,
  queryChaincode,
  lifecycle,
  discovery,
  tls,
  joining,
  channelConfiguration,
  accessControlLists,
  crossChannelCalls,
  recovery,
  chaincodeFaults,
];
