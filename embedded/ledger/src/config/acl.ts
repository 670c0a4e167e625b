/** What a policy of a channel guards. */
export type AclResource =
  | '_lifecycle/CommitChaincodeDefinition'
  | '_lifecycle/QueryChaincodeDefinition'
  | '_lifecycle/QueryChaincodeDefinitions'
  | '_lifecycle/CheckCommitReadiness'
  | 'qscc/GetChainInfo'
  | 'qscc/GetBlockByNumber'
  | 'qscc/GetBlockByHash'
  | 'qscc/GetTransactionByID'
  | 'qscc/GetBlockByTxID'
  | 'cscc/GetConfigBlock'
  | 'cscc/GetChannelConfig'
  | 'peer/Propose'
  | 'peer/ChaincodeToChaincode'
  | 'event/Block'
  | 'event/FilteredBlock'
  | 'gateway/CommitStatus'
  | 'gateway/ChaincodeEvents';

const readers = '/Channel/Application/Readers';
const writers = '/Channel/Application/Writers';

/** The policy that a resource falls under unless the channel's access control list says otherwise. */
export const defaultAcls: Readonly<Record<AclResource, string>> = {
  '_lifecycle/CommitChaincodeDefinition': writers,
  '_lifecycle/QueryChaincodeDefinition': writers,
  '_lifecycle/QueryChaincodeDefinitions': writers,
  '_lifecycle/CheckCommitReadiness': writers,
  'qscc/GetChainInfo': readers,
  'qscc/GetBlockByNumber': readers,
  'qscc/GetBlockByHash': readers,
  'qscc/GetTransactionByID': readers,
  'qscc/GetBlockByTxID': readers,
  'cscc/GetConfigBlock': readers,
  'cscc/GetChannelConfig': readers,
  'peer/Propose': writers,
  'peer/ChaincodeToChaincode': writers,
  'event/Block': readers,
  'event/FilteredBlock': readers,
  'gateway/CommitStatus': readers,
  'gateway/ChaincodeEvents': readers,
};
