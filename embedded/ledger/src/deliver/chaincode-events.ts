import { status, type ServerWritableStream } from '@grpc/grpc-js';
import { type Channel, type Channels } from '../channel.js';
import { decodeSigned, permittedChannel } from '../gateway/gateway.js';
import { RpcError, writeTo } from '../grpc.js';
import { type LedgerBlock } from '../store/block.js';
import { openAction, openEnvelope } from '../validation/transaction-content.js';
import { blockMetadataIndex, headerType } from '../wire/common.js';
import { ChaincodeEventsRequest, ChaincodeEventsResponse, SignedRequest } from '../wire/services.js';
import { ChaincodeEvent, validationCode } from '../wire/transaction.js';
import { blocksFrom } from './block-reader.js';

/** Sends the events of one chaincode, block by block, to one reader. */
export async function chaincodeEvents(
  channels: Channels,
  bytes: Buffer,
  call: ServerWritableStream<Buffer, Buffer>,
  signal: AbortSignal,
): Promise<void> {
  const { request, data, signature } = readRequest(bytes);
  const channel = permittedChannel(channels, request.channelId, 'gateway/ChaincodeEvents', {
    identity: request.identity,
    data,
    signature,
  });
  const { start, after } = startOf(channel, request);
  let passed = after === '';
  for await (const block of blocksFrom(channel, start, signal)) {
    const events: ChaincodeEvent[] = [];
    for (const event of eventsOf(block)) {
      if (passed && event.chaincodeId === request.chaincodeId) events.push(event);
      if (event.txId === after) passed = true;
    }
    if (events.length > 0)
      await writeTo(
        call,
        ChaincodeEventsResponse.encode({ events, blockNumber: block.header.number }),
        signal,
      );
  }
}

function readRequest(bytes: Buffer) {
  const { request: data, signature } = decodeSigned(SignedRequest, bytes, 'chaincode events');
  if (data.length === 0)
    throw new RpcError(status.INVALID_ARGUMENT, 'a chaincode events request is required');
  return { request: decodeSigned(ChaincodeEventsRequest, data, 'chaincode events'), data, signature };
}

/** A transaction to go on after decides where to start, if it is on the ledger; its own event is then the last seen. */
function startOf(
  { store }: Channel,
  { afterTransactionId, startPosition }: ReturnType<typeof readRequest>['request'],
): { start: number; after: string } {
  const after = afterTransactionId === '' ? undefined : store.transaction(afterTransactionId);
  if (after !== undefined) return { start: after.block, after: afterTransactionId };
  const unusable = (position: string) =>
    new RpcError(status.INVALID_ARGUMENT, `invalid start position type: *orderer.SeekPosition_${position}`);
  if (startPosition?.newest !== undefined) throw unusable('Newest');
  if (startPosition?.oldest !== undefined) throw unusable('Oldest');
  return { start: startPosition?.specified?.number ?? store.height, after: afterTransactionId };
}

function eventsOf(block: LedgerBlock): ChaincodeEvent[] {
  const flags = block.metadata[blockMetadataIndex.transactionsFilter];
  return block.envelopes.flatMap((envelope, index) => {
    if (flags?.[index] !== validationCode.VALID) return [];
    try {
      const { channelHeader, data } = openEnvelope(envelope);
      if (channelHeader.type !== headerType.endorserTransaction) return [];
      const { events } = openAction(data).action;
      if (events.length === 0) return [];
      const event = ChaincodeEvent.decode(events);
      return event.chaincodeId === '' || event.eventName === '' || event.txId === '' ? [] : [event];
    } catch {
      return [];
    }
  });
}
