import { type ServerDuplexStream } from '@grpc/grpc-js';
import { type Channel, checkMember } from '../channel.js';
import { requestsOf, writeTo } from '../grpc.js';
import { hasExpired, type Identity } from '../msp/identity.js';
import { type LedgerBlock } from '../store/block.js';
import { bindingFault, type Caller } from '../tls/caller.js';
import { openEnvelope } from '../validation/transaction-content.js';
import { Block, status } from '../wire/common.js';
import {
  DeliverResponse,
  seekBehavior,
  seekContentType,
  SeekInfo,
  type SeekPosition,
} from '../wire/services.js';
import { encodeBlock } from '../store/channel-store.js';
import { blocksFrom } from './block-reader.js';
import { filteredBlock } from './filtered-block.js';
import { privateDataOf } from './private-data.js';

/** How far a request's time may be from now. */
const timeWindowMs = 15 * 60 * 1000;

/** What a stream delivers. */
export type DeliveredForm =
  | 'block'
  | 'filtered'
  /** Blocks with what this organisation has of their private data. */
  | { readonly privateDataOf: string };

/** Answers the requests of a Deliver stream one after the other, until one fails or the client is done. */
export async function deliver(
  channels: ReadonlyMap<string, Channel>,
  call: ServerDuplexStream<Buffer, Buffer>,
  form: DeliveredForm,
  signal: AbortSignal,
  caller: Caller,
): Promise<void> {
  for await (const request of requestsOf(call)) {
    const code = await deliverBlocks(channels, request, call, form, signal, caller);
    if (signal.aborted) return;
    await writeTo(call, DeliverResponse.encode({ status: code }), signal);
    if (code !== status.success) return;
  }
}

interface Seek {
  readonly channel: Channel;
  readonly info: SeekInfo & { start: SeekPosition; stop: SeekPosition };
  readonly reader: Identity;
}

/** The request, if its signer may read the channel; else the status that refuses it. */
function readRequest(channels: ReadonlyMap<string, Channel>, request: Buffer, caller: Caller): Seek | number {
  let opened: ReturnType<typeof openEnvelope>;
  try {
    opened = openEnvelope(request);
  } catch {
    return status.badRequest;
  }
  const { envelope, channelHeader, signatureHeader, data } = opened;
  const { timestamp } = channelHeader;
  if (timestamp === undefined) return status.badRequest;
  if (Math.abs(timestamp.seconds * 1000 - Date.now()) > timeWindowMs) return status.badRequest;
  if (bindingFault(caller, channelHeader.tlsCertHash) !== undefined) return status.badRequest;
  const channel = channels.get(channelHeader.channelId);
  if (channel === undefined) return status.notFound;
  let info: SeekInfo;
  try {
    info = SeekInfo.decode(data);
  } catch {
    return status.badRequest;
  }
  let reader: Identity;
  try {
    reader = checkMember(channel, 'Readers', {
      identity: signatureHeader.creator,
      data: envelope.payload,
      signature: envelope.signature,
    });
    if (hasExpired(reader)) return status.forbidden;
  } catch {
    return status.forbidden;
  }
  const { start, stop } = info;
  if (start === undefined || stop === undefined) return status.badRequest;
  return { channel, info: { ...info, start, stop }, reader };
}

async function deliverBlocks(
  channels: ReadonlyMap<string, Channel>,
  request: Buffer,
  call: ServerDuplexStream<Buffer, Buffer>,
  form: DeliveredForm,
  signal: AbortSignal,
  caller: Caller,
): Promise<number> {
  const seek = readRequest(channels, request, caller);
  if (typeof seek === 'number') return seek;
  const { channel, info, reader } = seek;
  const { store } = channel;
  const start = startOf(info.start, store.height);
  if (start === undefined) return status.notFound;
  const stop = stopOf(info, start, store.height);
  if (stop < start) return status.badRequest;
  const failIfNotReady = info.behavior === seekBehavior.failIfNotReady;
  if (failIfNotReady && start >= store.height) return status.notFound;
  for await (const block of blocksFrom(channel, start, signal)) {
    if (hasExpired(reader)) return status.forbidden;
    await writeTo(call, await responseWith(seek, block, form), signal);
    if (block.header.number >= stop) return status.success;
    if (failIfNotReady && block.header.number + 1 >= store.height) return status.notFound;
  }
  return status.serviceUnavailable;
}

function startOf(
  { newest, oldest, specified, nextCommit }: SeekPosition,
  height: number,
): number | undefined {
  if (oldest !== undefined) return 0;
  if (newest !== undefined) return height - 1;
  if (nextCommit !== undefined) return height;
  if (specified === undefined) return undefined;
  // A start beyond the block that comes next is not found, as in Fabric's file ledger.
  return specified.number > height ? undefined : specified.number;
}

function stopOf({ start, stop }: Seek['info'], from: number, height: number): number {
  if (stop.oldest !== undefined) return from;
  if (stop.newest !== undefined) return start.newest === undefined ? height - 1 : from;
  return stop.specified?.number ?? Number.POSITIVE_INFINITY;
}

async function responseWith(
  { channel, info: { contentType }, reader }: Seek,
  block: LedgerBlock,
  form: DeliveredForm,
): Promise<Buffer> {
  if (form === 'filtered')
    return DeliverResponse.encode({ filteredBlock: filteredBlock(channel.name, block) });
  const encoded = contentOf(block, contentType);
  if (form === 'block') return DeliverResponse.encode({ block: encoded });
  const privateDataMap = await privateDataOf(channel, form.privateDataOf, reader, block.header.number);
  return DeliverResponse.encode({ blockAndPrivateData: { block: encoded, privateDataMap } });
}

function contentOf(block: LedgerBlock, contentType: number): Buffer {
  const isConfig = block.header.number === 0;
  if (contentType !== seekContentType.headerWithSignature || isConfig) return encodeBlock(block);
  const { header, metadata } = block;
  return Block.encode({ header, metadata: { metadata: [...metadata] } });
}
