import { type ChannelConfig } from './config/channel-config.js';
import { CommitFeed } from './commit-feed.js';
import { type CommittedChaincodes } from './lifecycle/committed-chaincodes.js';
import { type MspManager } from './msp/msp-manager.js';
import { type ChannelStore } from './store/channel-store.js';

/** Channels by name: all, or those that a node serves at the moment. */
export interface Channels {
  get(name: string): Channel | undefined;
  has(name: string): boolean;
  values(): Iterable<Channel>;
}

/** What all nodes of a channel share: configuration, chaincodes, and the committed ledger. */
export class Channel {
  readonly feed = new CommitFeed();
  #config: ChannelConfig;
  #lastConfigBlock: number;

  constructor(
    readonly name: string,
    readonly store: ChannelStore,
    /** What its state defines. */
    readonly chaincodes: CommittedChaincodes,
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
    this.chaincodes.configured(config);
  }
}
