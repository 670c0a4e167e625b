import { access, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Channel } from '../channel.js';
import { openChannel } from '../channel-opening.js';
import { MspCache } from '../config/msp-cache.js';
import { ConfigurationError, LedgerCorruptError } from '../errors.js';
import { type LedgerNetwork } from '../network.js';
import { encodeBlock } from '../store/channel-store.js';
import {
  type ChannelReplay,
  type ChannelVerification,
  replayChannel,
  verifyChain,
} from './verify-channel.js';

/** A ledger on disk that nobody serves. */
export interface StoredLedger {
  readonly network: LedgerNetwork;
  /** As in `LedgerOptions`. */
  readonly dataFolder: string;
}

export interface VerifyOptions extends StoredLedger {
  /** Folder below which the replayed ledgers grow, one at a time, as large as the ones checked; the system's by default. */
  readonly scratchFolder?: string;
  readonly onBlock?: (channel: string, done: number, total: number) => void;
}

/**
 * Checks hash chain, data hashes and orderer's signatures of every channel.
 * @throws `ConfigurationError` if there is no such ledger, `LedgerUnavailableError` if something serves it.
 */
export async function verifyStoredChains(options: VerifyOptions): Promise<ChannelVerification[]> {
  return verifyEach<ChannelVerification>(options, async (kept, { msps }) =>
    verifyChain(kept, msps, (done, total) => options.onBlock?.(kept.name, done, total)),
  );
}

/**
 * Checks everything there is to check without asking anybody: chains, all signatures, validation codes, and that state,
 * index, history and commit hashes are what the blocks come to when they are committed again from the first.
 * @throws as {@link verifyStoredChains}.
 */
export async function verifyStoredLedger(options: VerifyOptions): Promise<ChannelReplay[]> {
  const results = await verifyEach<ChannelVerification | ChannelReplay>(
    options,
    async (kept, { msps, open }) => {
      const scratch = await mkdtemp(path.join(options.scratchFolder ?? tmpdir(), 'medigraph-replay-'));
      try {
        const empty = await open(scratch, { durable: false });
        try {
          const report = (done: number, total: number) => options.onBlock?.(kept.name, done, total);
          return await replayChannel(kept, empty, msps, report);
        } finally {
          await empty.store.close();
        }
      } finally {
        await rm(scratch, { recursive: true, force: true });
      }
    },
  );
  return results.map((result) => ({ transactions: 0, signatures: 0, disregarded: 0, ...result }));
}

/** Reads the blocks of a ledger on disk; until it is closed nobody else can open that. */
export class StoredBlocks {
  readonly #channels: ReadonlyMap<string, Channel>;

  private constructor(channels: ReadonlyMap<string, Channel>) {
    this.#channels = channels;
  }

  /** @throws as {@link verifyStoredChains}, and `LedgerCorruptError` if a channel cannot be read. */
  static async open(stored: StoredLedger): Promise<StoredBlocks> {
    const msps = new MspCache();
    const channels = new Map<string, Channel>();
    const blocks = new StoredBlocks(channels);
    try {
      for (const name of Object.keys(stored.network.channels))
        channels.set(name, await openStored(stored, name, msps));
      return blocks;
    } catch (error) {
      await blocks.close();
      throw error;
    }
  }

  /** Number of blocks of each channel. */
  get heights(): ReadonlyMap<string, number> {
    return new Map([...this.#channels].map(([name, { store }]) => [name, store.height]));
  }

  /** A channel's blocks from `first` on, as `common.Block`. @throws `ConfigurationError` if there is no such channel. */
  async *read(channel: string, first = 0): AsyncGenerator<Buffer, void, undefined> {
    const found = this.#channels.get(channel);
    if (found === undefined) throw new ConfigurationError(`the network has no channel ${channel}`);
    const { store } = found;
    for (let number = first; number < store.height; number += 1) yield encodeBlock(await store.block(number));
  }

  async close(): Promise<void> {
    for (const { store } of this.#channels.values()) await store.close();
  }
}

interface Opening {
  readonly msps: MspCache;
  /** Opens the channel in another folder. */
  readonly open: (folder: string, options: { readonly durable: boolean }) => Promise<Channel>;
}

async function verifyEach<Result extends ChannelVerification>(
  stored: StoredLedger,
  verify: (kept: Channel, opening: Opening) => Promise<Result>,
): Promise<(Result | ChannelVerification)[]> {
  const msps = new MspCache();
  const results: (Result | ChannelVerification)[] = [];
  for (const [name, description] of Object.entries(stored.network.channels)) {
    let kept: Channel;
    try {
      kept = await openStored(stored, name, msps);
    } catch (error) {
      if (!(error instanceof LedgerCorruptError)) throw error;
      results.push({ channel: name, blocks: 0, broken: { reason: error.message } });
      continue;
    }
    try {
      const open: Opening['open'] = (folder, options) =>
        openChannel(name, { genesisFile: description.genesis }, msps, folder, options);
      results.push(await verify(kept, { msps, open }));
    } finally {
      await kept.store.close();
    }
  }
  return results;
}

async function openStored(
  { network, dataFolder }: StoredLedger,
  channel: string,
  msps: MspCache,
): Promise<Channel> {
  const description = network.channels[channel];
  if (description === undefined) throw new ConfigurationError(`the network has no channel ${channel}`);
  const folder = path.join(dataFolder, channel);
  await access(path.join(folder, 'store')).catch((error: unknown) => {
    throw new ConfigurationError(`there is no ledger of channel ${channel} in ${dataFolder}`, {
      cause: error,
    });
  });
  return openChannel(channel, { genesisFile: description.genesis }, msps, folder);
}
