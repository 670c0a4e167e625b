import { type ServerDuplexStream } from '@grpc/grpc-js';
import { type Channel, checkMember } from '../channel.js';
import { requestsOf, writeTo } from '../grpc.js';
import { hasExpired } from '../msp/identity.js';
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

/** How far a request's time may be from now. */
const timeWindowMs = 15 * 60 * 1000;

/** What a stream delivers. */
export type DeliveredForm = 'block' | 'filtered';

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
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
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
  let expiresAt: number;
  try {
    const identity = checkMember(channel, 'Readers', {
      identity: signatureHeader.creator,
      data: envelope.payload,
      signature: envelope.signature,
    });
    if (hasExpired(identity)) return status.forbidden;
    ({ expiresAt } = identity);
  } catch {
    return status.forbidden;
  }
  const { start, stop } = info;
  if (start === undefined || stop === undefined) return status.badRequest;
  return { channel, info: { ...info, start, stop }, expiresAt };
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
  const { channel, info, expiresAt } = seek;
  const { store } = channel;
  const start = startOf(info.start, store.height);
  if (start === undefined) return status.notFound;
  const stop = stopOf(info, start, store.height);
  if (stop < start) return status.badRequest;
  const failIfNotReady = info.behavior === seekBehavior.failIfNotReady;
  if (failIfNotReady && start >= store.height) return status.notFound;
  for await (const block of blocksFrom(channel, start, signal)) {
    if (Date.now() > expiresAt) return status.forbidden;
    await writeTo(call, responseWith(channel.name, block, form, info.contentType), signal);
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

function responseWith(channel: string, block: LedgerBlock, form: DeliveredForm, contentType: number): Buffer {
  if (form === 'filtered') return DeliverResponse.encode({ filteredBlock: filteredBlock(channel, block) });
  const isConfig = block.header.number === 0;
  if (contentType === seekContentType.headerWithSignature && !isConfig) {
    const { header, metadata } = block;
    return DeliverResponse.encode({
      block: Block.encode({ header, metadata: { metadata: [...metadata] } }),
    });
  }
  return DeliverResponse.encode({ block: encodeBlock(block) });
}
