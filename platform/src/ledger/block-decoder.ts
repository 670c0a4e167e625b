/** Reads what the platform needs out of a block's protobuf. */
import { StatusCode } from '@hyperledger/fabric-gateway';
import { common, msp, peer } from '@hyperledger/fabric-protos';
import { type ChaincodeEvent, type LedgerBlock, type LedgerTransaction } from './ledger-client.js';

const validationCodeNames: ReadonlyMap<number, string> = new Map(
  Object.entries(StatusCode).map(([name, number]) => [number, name]),
);

/** Name of a validation code, such as `MVCC_READ_CONFLICT`. */
export function validationCodeName(code: number): string {
  return validationCodeNames.get(code) ?? `CODE_${code}`;
}

/** What a committed transaction was asked and what it answered. */
export interface TransactionContent {
  /** Function name and arguments of the chaincode call. */
  readonly input: readonly Uint8Array[];
  readonly result: Uint8Array;
}

interface Envelope {
  readonly channelHeader: common.ChannelHeader;
  readonly creator: Uint8Array;
  readonly data: Uint8Array;
}

function openEnvelope(bytes: Uint8Array): Envelope {
  const payload = common.Payload.deserializeBinary(
    common.Envelope.deserializeBinary(bytes).getPayload_asU8(),
  );
  const header = payload.getHeader() ?? new common.Header();
  return {
    channelHeader: common.ChannelHeader.deserializeBinary(header.getChannelHeader_asU8()),
    creator: common.SignatureHeader.deserializeBinary(header.getSignatureHeader_asU8()).getCreator_asU8(),
    data: payload.getData_asU8(),
  };
}

function actionPayloadOf(data: Uint8Array): peer.ChaincodeActionPayload | undefined {
  const action = peer.Transaction.deserializeBinary(data).getActionsList()[0];
  return action && peer.ChaincodeActionPayload.deserializeBinary(action.getPayload_asU8());
}

function chaincodeActionOf(payload: peer.ChaincodeActionPayload): peer.ChaincodeAction | undefined {
  const endorsed = payload.getAction();
  if (!endorsed) return undefined;
  const response = peer.ProposalResponsePayload.deserializeBinary(endorsed.getProposalResponsePayload_asU8());
  return peer.ChaincodeAction.deserializeBinary(response.getExtension_asU8());
}

function eventOf(data: Uint8Array): ChaincodeEvent | undefined {
  const payload = actionPayloadOf(data);
  const bytes = payload && chaincodeActionOf(payload)?.getEvents_asU8();
  if (!bytes || bytes.length === 0) return undefined;
  const event = peer.ChaincodeEvent.deserializeBinary(bytes);
  if (event.getEventName() === '') return undefined;
  return { chaincode: event.getChaincodeId(), name: event.getEventName(), payload: event.getPayload_asU8() };
}

function decodeTransaction(bytes: Uint8Array, index: number, code: string): LedgerTransaction {
  const { channelHeader, creator, data } = openEnvelope(bytes);
  const timestamp = (channelHeader.getTimestamp() as { toDate(): Date } | undefined)?.toDate() ?? new Date(0);
  const isCall = channelHeader.getType() === common.HeaderType.ENDORSER_TRANSACTION;
  const event = code === 'VALID' && isCall ? eventOf(data) : undefined;
  return {
    index,
    id: channelHeader.getTxId(),
    timestamp: timestamp.toISOString(),
    mspId: msp.SerializedIdentity.deserializeBinary(creator).getMspid(),
    code,
    ...(event && { event }),
  };
}

function validationCodesOf(block: common.Block): Uint8Array {
  const metadata = block.getMetadata()?.getMetadataList_asU8() ?? [];
  return metadata[common.BlockMetadataIndex.TRANSACTIONS_FILTER] ?? new Uint8Array();
}

/** The block as the platform sees it. */
export function decodeBlock(channel: string, block: common.Block): LedgerBlock {
  const codes = validationCodesOf(block);
  const envelopes = block.getData()?.getDataList_asU8() ?? [];
  return {
    channel,
    number: block.getHeader()?.getNumber() ?? 0,
    transactions: envelopes.map((bytes, index) =>
      decodeTransaction(
        bytes,
        index,
        validationCodeName(codes[index] ?? peer.TxValidationCode.NOT_VALIDATED),
      ),
    ),
  };
}

/** What transaction `id` of the block was asked and answered; undefined if the block has no such valid call. */
export function transactionContent(block: common.Block, id: string): TransactionContent | undefined {
  const codes = validationCodesOf(block);
  for (const [index, bytes] of (block.getData()?.getDataList_asU8() ?? []).entries()) {
    const { channelHeader, data } = openEnvelope(bytes);
    if (channelHeader.getTxId() !== id || codes[index] !== peer.TxValidationCode.VALID) continue;
    const payload = actionPayloadOf(data);
    if (!payload) return undefined;
    const proposal = peer.ChaincodeProposalPayload.deserializeBinary(
      payload.getChaincodeProposalPayload_asU8(),
    );
    const invocation = peer.ChaincodeInvocationSpec.deserializeBinary(proposal.getInput_asU8());
    return {
      input: invocation.getChaincodeSpec()?.getInput()?.getArgsList_asU8() ?? [],
      result: chaincodeActionOf(payload)?.getResponse()?.getPayload_asU8() ?? new Uint8Array(),
    };
  }
  return undefined;
}

/** A block in the form of the wire, `common.Block`, as the platform sees it. */
export const readBlock = (channel: string, bytes: Uint8Array): LedgerBlock =>
  decodeBlock(channel, common.Block.deserializeBinary(bytes));
