import { type ServerDuplexStream } from '@grpc/grpc-js';
import { type Channel, type Channels } from '../channel.js';
import { type AclResource } from '../config/acl.js';
import { isConfigBlock } from '../config/config-block.js';
import { requestsOf, writeTo } from '../grpc.js';
import { hasExpired, type Identity } from '../msp/identity.js';
import { type SignedData } from '../policy/policy-manager.js';
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

/** What a stream delivers, and to whom. */
export interface Delivery {
  readonly form: 'block' | 'filtered';
  /** The organisation whose private data goes with the blocks, as far as the reader may see it. */
  readonly privateDataOf?: string;
  /** @throws if who signed may not have it. */
  readonly permit: (channel: Channel, signed: SignedData) => void;
}

const guardedBy =
  (resource: AclResource): Delivery['permit'] =>
  (channel, signed) =>
    channel.config.checkAccess(resource, signed);

/** Blocks from a peer. */
export const peerBlocks: Delivery = { form: 'block', permit: guardedBy('event/Block') };
/** Blocks from a peer, with the private data that its organisation has of them. */
export const peerBlocksWithPrivateData = (mspId: string): Delivery => ({
  ...peerBlocks,
  privateDataOf: mspId,
});
/** Filtered blocks from a peer. */
export const peerFilteredBlocks: Delivery = { form: 'filtered', permit: guardedBy('event/FilteredBlock') };
/** Blocks from an orderer, which knows nothing of peers' access control lists. */
export const ordererBlocks: Delivery = {
  form: 'block',
  permit: ({ config }, signed) => config.policies.evaluate('/Channel/Readers', [signed]),
};

/** Answers the requests of a Deliver stream one after the other, until one fails or the client is done. */
export async function deliver(
  channels: Channels,
  call: ServerDuplexStream<Buffer, Buffer>,
  delivery: Delivery,
  signal: AbortSignal,
  caller: Caller,
): Promise<void> {
  for await (const request of requestsOf(call)) {
    const code = await deliverBlocks(channels, request, call, delivery, signal, caller);
    if (signal.aborted) return;
    await writeTo(call, DeliverResponse.encode({ status: code }), signal);
    if (code !== status.success) return;
  }
}

interface Seek {
  readonly channel: Channel;
  readonly info: SeekInfo & { start: SeekPosition; stop: SeekPosition };
  readonly reader: Identity;
  readonly signed: SignedData;
}

/** The request, if its signer may read the channel; else the status that refuses it. */
function readRequest(
  channels: Channels,
  request: Buffer,
  { permit }: Delivery,
  caller: Caller,
): Seek | number {
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
  const signed = { identity: signatureHeader.creator, data: envelope.payload, signature: envelope.signature };
  const identity = channel.members.find(signed.identity);
  try {
    permit(channel, signed);
  } catch {
    return status.forbidden;
  }
  if (identity === undefined || hasExpired(identity)) return status.forbidden;
  const { start, stop } = info;
  if (start === undefined || stop === undefined) return status.badRequest;
  return { channel, info: { ...info, start, stop }, reader: identity, signed };
}

/** Says of each block whether its reader may still have it: until the certificate ends, or a configuration forbids it. */
class Session {
  readonly #seek: Seek;
  readonly #permit: Delivery['permit'];
  #config: Channel['config'];

  constructor(seek: Seek, { permit }: Delivery) {
    this.#seek = seek;
    this.#permit = permit;
    this.#config = seek.channel.config;
  }

  isPermitted(): boolean {
    const { channel, signed, reader } = this.#seek;
    if (hasExpired(reader)) return false;
    if (channel.config === this.#config) return true;
    this.#config = channel.config;
    try {
      this.#permit(channel, signed);
      return true;
    } catch {
      return false;
    }
  }
}

async function deliverBlocks(
  channels: Channels,
  request: Buffer,
  call: ServerDuplexStream<Buffer, Buffer>,
  delivery: Delivery,
  signal: AbortSignal,
  caller: Caller,
): Promise<number> {
  const seek = readRequest(channels, request, delivery, caller);
  if (typeof seek === 'number') return seek;
  const { channel, info } = seek;
  const { store } = channel;
  const start = startOf(info.start, store.height);
  if (start === undefined) return status.notFound;
  const stop = stopOf(info, start, store.height);
  if (stop < start) return status.badRequest;
  const failIfNotReady = info.behavior === seekBehavior.failIfNotReady;
  if (failIfNotReady && start >= store.height) return status.notFound;
  const session = new Session(seek, delivery);
  for await (const block of blocksFrom(channel, start, signal)) {
    if (!session.isPermitted()) return status.forbidden;
    await writeTo(call, await responseWith(seek, block, delivery), signal);
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
  { form, privateDataOf: holder }: Delivery,
): Promise<Buffer> {
  if (form === 'filtered')
    return DeliverResponse.encode({ filteredBlock: filteredBlock(channel.name, block) });
  const encoded = contentOf(block, contentType);
  if (holder === undefined) return DeliverResponse.encode({ block: encoded });
  const privateDataMap = await privateDataOf(channel, holder, reader, block.header.number);
  return DeliverResponse.encode({ blockAndPrivateData: { block: encoded, privateDataMap } });
}

function contentOf(block: LedgerBlock, contentType: number): Buffer {
  if (contentType !== seekContentType.headerWithSignature || isConfigBlock(block)) return encodeBlock(block);
  const { header, metadata } = block;
  return Block.encode({ header, metadata: { metadata: [...metadata] } });
}
