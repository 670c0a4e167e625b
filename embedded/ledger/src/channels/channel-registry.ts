import { readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { type Channel, type Channels } from '../channel.js';
import { openChannel, type ChannelOrigin } from '../channel-opening.js';
import { configurationIn } from '../config/config-block.js';
import { ChannelConfig } from '../config/channel-config.js';
import { type MspCache } from '../config/msp-cache.js';
import { dataHash, type LedgerBlock } from '../store/block.js';
import { readMembership, writeMembership, type Membership } from './membership-file.js';

export interface ChannelRegistryOptions {
  /** A folder below for each channel. */
  readonly folder: string;
  readonly msps: MspCache;
}

/** A node cannot join a channel with this block, in Fabric's words. */
export class JoinRefusedError extends Error {}

interface Entry {
  readonly channel: Channel;
  ordered: boolean;
  readonly peers: Set<string>;
}

/**
 * The channels of this process and which of its nodes have joined them. All nodes share a channel's ledger; a peer that
 * joins late finds in it what it would have replayed.
 */
export class ChannelRegistry implements Channels {
  readonly #options: ChannelRegistryOptions;
  readonly #entries = new Map<string, Entry>();
  readonly #listeners = new Set<(peer: string, channel: Channel) => void>();
  /** Joins and departures happen one after another. */
  #queue: Promise<unknown> = Promise.resolve();

  constructor(options: ChannelRegistryOptions) {
    this.#options = options;
  }

  /** Opens the channels that nodes have joined before. */
  async openJoined(): Promise<void> {
    const { folder } = this.#options;
    for (const entry of await readdir(folder, { withFileTypes: true })) {
      if (!entry.isDirectory()) continue;
      const membership = await readMembership(path.join(folder, entry.name));
      if (membership !== undefined) await this.#open(entry.name, undefined, membership);
    }
  }

  /** Opens a channel, or begins it with the first block in a file, for the orderers and these peers. */
  async openDescribed(name: string, genesisFile: string, peers: readonly string[]): Promise<void> {
    const known = await readMembership(this.#folderOf(name));
    const membership = {
      ordered: known?.ordered ?? true,
      peers: [...new Set([...(known?.peers ?? []), ...peers])],
    };
    await this.#open(name, { genesisFile }, membership);
    await this.#remember(name);
  }

  get(name: string): Channel | undefined {
    return this.#entries.get(name)?.channel;
  }

  has(name: string): boolean {
    return this.#entries.has(name);
  }

  values(): Channel[] {
    return [...this.#entries.values()].map(({ channel }) => channel);
  }

  isOrdered(name: string): boolean {
    return this.#entries.get(name)?.ordered === true;
  }

  /** Names of the channels that a peer has joined. */
  joinedBy(peer: string): string[] {
    return [...this.#entries].filter(([, { peers }]) => peers.has(peer)).map(([name]) => name);
  }

  hasJoined(peer: string, name: string): boolean {
    return this.#entries.get(name)?.peers.has(peer) === true;
  }

  /** Tells of each channel that a peer joins. */
  onJoin(listener: (peer: string, channel: Channel) => void): void {
    this.#listeners.add(listener);
  }

  /** @param block - the channel's first block. @throws {@link JoinRefusedError}. */
  joinPeer(peer: string, block: LedgerBlock): Promise<void> {
    return this.#oneByOne(async () => {
      const { channel: name } = configurationIn(block);
      if (this.hasJoined(peer, name))
        throw new JoinRefusedError(
          `cannot create ledger from genesis block: ledger [${name}] already exists with state [ACTIVE]`,
        );
      const entry = await this.#begin(name, block);
      entry.peers.add(peer);
      await this.#remember(name);
      for (const listener of this.#listeners) listener(peer, entry.channel);
    });
  }

  /** @param block - the channel's first block. @throws {@link JoinRefusedError}. */
  joinOrderers(block: LedgerBlock): Promise<Channel> {
    return this.#oneByOne(async () => {
      const { channel: name } = configurationIn(block);
      if (this.isOrdered(name)) throw new JoinRefusedError('channel already exists');
      const entry = await this.#begin(name, block);
      entry.ordered = true;
      await this.#remember(name);
      return entry.channel;
    });
  }

  /** The orderers leave a channel; its ledger stays as long as peers have it. */
  leaveOrderers(name: string): Promise<void> {
    return this.#oneByOne(async () => {
      const entry = this.#entries.get(name);
      if (entry === undefined) return;
      entry.ordered = false;
      if (entry.peers.size > 0) return this.#remember(name);
      this.#entries.delete(name);
      await entry.channel.store.close();
      await rm(this.#folderOf(name), { recursive: true, force: true });
    });
  }

  async close(): Promise<void> {
    await this.#queue;
    for (const { channel } of this.#entries.values()) await channel.store.close();
  }

  #folderOf(name: string): string {
    return path.join(this.#options.folder, name);
  }

  async #oneByOne<T>(act: () => Promise<T>): Promise<T> {
    const done = this.#queue.then(act);
    this.#queue = done.catch(() => undefined);
    return done;
  }

  async #begin(name: string, block: LedgerBlock): Promise<Entry> {
    const { number } = block.header;
    if (number !== 0)
      throw new JoinRefusedError(
        `cannot create ledger from genesis block: block number should have been 0 but was ${number}`,
      );
    if (!dataHash(block.envelopes).equals(block.header.dataHash))
      throw new JoinRefusedError('cannot create ledger from genesis block: its data hash is wrong');
    const existing = this.#entries.get(name);
    if (existing === undefined) {
      await ChannelConfig.open(name, configurationIn(block).config, this.#options.msps);
      return this.#open(name, { genesis: block }, { ordered: false, peers: [] });
    }
    const first = await existing.channel.store.block(0);
    if (!first.header.dataHash.equals(block.header.dataHash))
      throw new JoinRefusedError(`channel ${name} began with another first block here`);
    return existing;
  }

  async #open(name: string, origin: ChannelOrigin | undefined, membership: Membership): Promise<Entry> {
    const found = this.#entries.get(name);
    if (found !== undefined) {
      for (const peer of membership.peers) found.peers.add(peer);
      return found;
    }
    const channel = await openChannel(name, origin, this.#options.msps, this.#folderOf(name));
    const entry = { channel, ordered: membership.ordered, peers: new Set(membership.peers) };
    this.#entries.set(name, entry);
    return entry;
  }

  async #remember(name: string): Promise<void> {
    const entry = this.#entries.get(name);
    if (entry === undefined) return;
    await writeMembership(this.#folderOf(name), { ordered: entry.ordered, peers: [...entry.peers] });
  }
}
