import { type Channels } from '../channel.js';
import { type ChannelRegistry } from '../channels/channel-registry.js';
import { type AclResource, defaultAcls } from '../config/acl.js';
import { channelOf, configurationIn } from '../config/config-block.js';
import { reasonOf } from '../errors.js';
import { type Msp } from '../msp/msp.js';
import { type LedgerBlock } from '../store/block.js';
import { decodeBlock, encodeBlock } from '../store/channel-store.js';
import { Config } from '../wire/config.js';
import { message, repeated, string } from '../wire/message.js';
import { WireError } from '../wire/reader.js';
import { type Response } from '../wire/transaction.js';
import { checkLocalAdministrator, checkLocalMember } from './local-access.js';
import { failure, success, type SystemCall, type SystemChaincode } from './system-chaincode.js';

const ChannelInfo = message('protos.ChannelInfo', { channelId: string(1) });
const ChannelQueryResponse = message('protos.ChannelQueryResponse', { channels: repeated(1, ChannelInfo) });

export interface ConfigChaincodeOptions {
  /** Name of the peer. */
  readonly peer: string;
  /** The peer's own organisation. */
  readonly msp: Msp;
  readonly registry: ChannelRegistry;
  /** Channels that the peer serves. */
  readonly channels: Channels;
}

/** `cscc`: joins the peer to channels, and tells of their configuration. */
export class ConfigChaincode implements SystemChaincode {
  readonly name = 'cscc';
  readonly simulates = false;
  readonly #options: ConfigChaincodeOptions;

  constructor(options: ConfigChaincodeOptions) {
    this.#options = options;
  }

  async invoke({ args, proposed, signed }: SystemCall): Promise<Response> {
    const [name, argument] = args;
    const asked = name?.toString() ?? '';
    if (name === undefined || (asked !== 'GetChannels' && argument === undefined))
      return failure(`Incorrect number of arguments, ${args.length}`);
    if (proposed !== this.name)
      return failure(
        `Rejecting invoke of CSCC from another chaincode, original invocation for '${proposed}'`,
      );
    switch (asked) {
      case 'JoinChain':
        return this.#join(argument ?? Buffer.alloc(0), signed);
      case 'GetChannels':
        return this.#joined(signed);
      case 'GetConfigBlock':
        return this.#ofChannel(
          'cscc/GetConfigBlock',
          asked,
          argument,
          signed,
          async ({ store, lastConfigBlock }) => encodeBlock(await store.block(lastConfigBlock)),
        );
      case 'GetChannelConfig':
        if (argument?.length === 0) return failure('empty channel name provided');
        return this.#ofChannel('cscc/GetChannelConfig', asked, argument, signed, ({ config }) =>
          Config.encode(config.config),
        );
      default:
        return failure(`Requested function ${asked} not found.`);
    }
  }

  async #join(bytes: Buffer, signed: SystemCall['signed']): Promise<Response> {
    const { peer, msp, registry } = this.#options;
    let block: LedgerBlock;
    try {
      block = decodeBlock(bytes);
    } catch (error) {
      return error instanceof WireError
        ? failure(`Failed to reconstruct the genesis block, ${reasonOf(error)}`)
        : failure(unnamed('failed to retrieve channel id - block is empty'));
    }
    let channel: string;
    try {
      channel = channelOf(block);
    } catch (error) {
      return failure(unnamed(reasonOf(error)));
    }
    try {
      configurationIn(block);
    } catch (error) {
      return failure(
        `"JoinChain" for channelID = ${channel} failed because of validation of configuration block, because of ${reasonOf(error)}`,
      );
    }
    try {
      checkLocalAdministrator(msp, signed);
    } catch (error) {
      return failure(`access denied for [JoinChain][${channel}]: [${reasonOf(error)}]`);
    }
    try {
      await registry.joinPeer(peer, block);
      return success();
    } catch (error) {
      return failure(reasonOf(error));
    }
  }

  #joined(signed: SystemCall['signed']): Response {
    const { peer, msp, registry } = this.#options;
    try {
      checkLocalMember(msp, signed);
    } catch (error) {
      return failure(`access denied for [GetChannels]: ${reasonOf(error)}`);
    }
    const channels = registry.joinedBy(peer).map((channelId) => ({ channelId }));
    return success(ChannelQueryResponse.encode({ channels }));
  }

  async #ofChannel(
    guard: AclResource,
    asked: string,
    argument: Buffer | undefined,
    signed: SystemCall['signed'],
    answer: (channel: NonNullable<ReturnType<Channels['get']>>) => Buffer | Promise<Buffer>,
  ): Promise<Response> {
    const name = argument?.toString() ?? '';
    const channel = this.#options.channels.get(name);
    try {
      if (name === '') throw new Error(channelless(defaultAcls[guard]));
      if (channel === undefined) throw new Error(`Failed to get policy manager for channel [${name}]`);
      channel.config.checkAccess(guard, signed);
      return success(await answer(channel));
    } catch (error) {
      return failure(`access denied for [${asked}][${name}]: ${reasonOf(error)}`);
    }
  }
}

const unnamed = (reason: string): string =>
  `"JoinChain" request failed to extract channel id from the block due to [${reason}]`;

/** Without a channel a peer takes the policy for a role in its own organisation, and there is none of that name. */
const channelless = (policy: string): string =>
  `Failed getting local MSP principal during channelless check policy with policy [${policy}]: [MSP Principal role [${policy}] not recognized]`;
