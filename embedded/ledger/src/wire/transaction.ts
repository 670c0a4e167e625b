import {
  bool,
  bytes,
  embedded,
  int32,
  message,
  repeated,
  repeatedBytes,
  string,
  type Decoded,
} from './message.js';

/** `protos.TxValidationCode`: what the validation of a block says of each transaction. */
export const validationCode = {
  VALID: 0,
  NIL_ENVELOPE: 1,
  BAD_PAYLOAD: 2,
  BAD_COMMON_HEADER: 3,
  BAD_CREATOR_SIGNATURE: 4,
  INVALID_ENDORSER_TRANSACTION: 5,
  INVALID_CONFIG_TRANSACTION: 6,
  UNSUPPORTED_TX_PAYLOAD: 7,
  BAD_PROPOSAL_TXID: 8,
  DUPLICATE_TXID: 9,
  ENDORSEMENT_POLICY_FAILURE: 10,
  MVCC_READ_CONFLICT: 11,
  PHANTOM_READ_CONFLICT: 12,
  UNKNOWN_TX_TYPE: 13,
  TARGET_CHAIN_NOT_FOUND: 14,
  MARSHAL_TX_ERROR: 15,
  NIL_TXACTION: 16,
  EXPIRED_CHAINCODE: 17,
  CHAINCODE_VERSION_CONFLICT: 18,
  BAD_HEADER_EXTENSION: 19,
  BAD_CHANNEL_HEADER: 20,
  BAD_RESPONSE_PAYLOAD: 21,
  BAD_RWSET: 22,
  ILLEGAL_WRITESET: 23,
  INVALID_WRITESET: 24,
  INVALID_CHAINCODE: 25,
  NOT_VALIDATED: 254,
  INVALID_OTHER_REASON: 255,
} as const;
export type ValidationCode = (typeof validationCode)[keyof typeof validationCode];

export const SignedProposal = message('protos.SignedProposal', {
  proposalBytes: bytes(1),
  signature: bytes(2),
});
export type SignedProposal = Decoded<typeof SignedProposal>;
export const Proposal = message('protos.Proposal', {
  header: bytes(1),
  payload: bytes(2),
  extension: bytes(3),
});

export const ChaincodeId = message('protos.ChaincodeID', {
  path: string(1),
  name: string(2),
  version: string(3),
});
export const ChaincodeHeaderExtension = message('protos.ChaincodeHeaderExtension', {
  chaincodeId: embedded(2, ChaincodeId),
});
const MapEntry = message('map entry', { key: string(1), value: bytes(2) });
export const ChaincodeProposalPayload = message('protos.ChaincodeProposalPayload', {
  input: bytes(1),
  transientMap: repeated(2, MapEntry),
});
export const ChaincodeInput = message('protos.ChaincodeInput', {
  args: repeatedBytes(1),
  decorations: repeated(2, MapEntry),
  isInit: bool(3),
});
export const ChaincodeSpec = message('protos.ChaincodeSpec', {
  type: int32(1),
  chaincodeId: embedded(2, ChaincodeId),
  input: embedded(3, ChaincodeInput),
  timeout: int32(4),
});
export const ChaincodeInvocationSpec = message('protos.ChaincodeInvocationSpec', {
  chaincodeSpec: embedded(1, ChaincodeSpec),
});

export const Response = message('protos.Response', {
  status: int32(1),
  message: string(2),
  payload: bytes(3),
});
export type Response = Decoded<typeof Response>;
export const Endorsement = message('protos.Endorsement', { endorser: bytes(1), signature: bytes(2) });
export type Endorsement = Decoded<typeof Endorsement>;
export const ProposalResponse = message('protos.ProposalResponse', {
  version: int32(1),
  response: embedded(4, Response),
  payload: bytes(5),
  endorsement: embedded(6, Endorsement),
});
export type ProposalResponse = Decoded<typeof ProposalResponse>;
export const ProposalResponsePayload = message('protos.ProposalResponsePayload', {
  proposalHash: bytes(1),
  extension: bytes(2),
});
export const ChaincodeAction = message('protos.ChaincodeAction', {
  results: bytes(1),
  events: bytes(2),
  response: embedded(3, Response),
  chaincodeId: embedded(4, ChaincodeId),
});
export const ChaincodeEvent = message('protos.ChaincodeEvent', {
  chaincodeId: string(1),
  txId: string(2),
  eventName: string(3),
  payload: bytes(4),
});
export type ChaincodeEvent = Decoded<typeof ChaincodeEvent>;

export const ChaincodeEndorsedAction = message('protos.ChaincodeEndorsedAction', {
  proposalResponsePayload: bytes(1),
  endorsements: repeated(2, Endorsement),
});
export const ChaincodeActionPayload = message('protos.ChaincodeActionPayload', {
  chaincodeProposalPayload: bytes(1),
  action: embedded(2, ChaincodeEndorsedAction),
});
export const TransactionAction = message('protos.TransactionAction', { header: bytes(1), payload: bytes(2) });
export const Transaction = message('protos.Transaction', { actions: repeated(1, TransactionAction) });
