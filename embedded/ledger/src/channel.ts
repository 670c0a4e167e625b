import { type ChannelConfig } from './config/channel-config.js';
import { type ChaincodeDefinition } from './network.js';
import { type MspManager } from './msp/msp-manager.js';
import { type SignaturePolicy } from './policy/signature-policy.js';
import { type ChannelStore } from './store/channel-store.js';
import { CommitFeed } from './commit-feed.js';

/** A chaincode as a channel has agreed on it. */
export interface ChannelChaincode extends Omit<ChaincodeDefinition, 'endorsement'> {
  readonly name: string;
  readonly endorsement: SignaturePolicy;
}

/** Channels by name: all, or those that a node serves at the moment. */
export interface Channels {
  get(name: string): Channel | undefined;
  has(name: string): boolean;
}

/** What all nodes of a channel share: configuration, chaincodes, and the committed ledger. */
export class Channel {
  readonly feed = new CommitFeed();
  #config: ChannelConfig;
  #lastConfigBlock: number;

  constructor(
    readonly name: string,
    readonly store: ChannelStore,
    readonly chaincodes: ReadonlyMap<string, ChannelChaincode>,
    config: ChannelConfig,
    lastConfigBlock: number,
  ) {
    this.#config = config;
    this.#lastConfigBlock = lastConfigBlock;
  }

  /** What the last configuration block says. */
  get config(): ChannelConfig {
    return this.#config;
  }

  get lastConfigBlock(): number {
    return this.#lastConfigBlock;
  }

  /** Application organisations. */
  get organizations(): readonly string[] {
    return [...this.#config.organizations.keys()];
  }

  get members(): MspManager {
    return this.#config.members;
  }

  /** Takes a new configuration into effect, which stands in this block. */
  configure(config: ChannelConfig, block: number): void {
    this.#config = config;
    this.#lastConfigBlock = block;
  }
}
