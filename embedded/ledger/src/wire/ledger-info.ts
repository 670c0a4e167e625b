import { bytes, int32, message, uint64 } from './message.js';

export const BlockchainInfo = message('common.BlockchainInfo', {
  height: uint64(1),
  currentBlockHash: bytes(2),
  previousBlockHash: bytes(3),
});
export const ProcessedTransaction = message('protos.ProcessedTransaction', {
  transactionEnvelope: bytes(1),
  validationCode: int32(2),
});
