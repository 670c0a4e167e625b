import { type Channel } from '../channel.js';
import { reasonOf } from '../errors.js';
import { openEnvelope } from '../validation/transaction-content.js';
import { status } from '../wire/common.js';
import { Lane, type LaneOptions } from './lane.js';

/** Answer of Broadcast. */
export interface BroadcastAnswer {
  readonly status: number;
  readonly info: string;
}

/** Takes transactions, puts them in order and hands block after block to the committer. */
export class OrderingService {
  readonly #lanes = new Map<string, Lane>();
  readonly #options: LaneOptions;

  constructor(options: LaneOptions) {
    this.#options = options;
  }

  /** Begins to order a channel. */
  add(channel: Channel): void {
    this.#lanes.set(channel.name, new Lane(channel, this.#options));
  }

  /** Channels that are ordered here. */
  get(name: string): Channel | undefined {
    return this.#lanes.get(name)?.channel;
  }

  has(name: string): boolean {
    return this.#lanes.has(name);
  }

  values(): Channel[] {
    return [...this.#lanes.values()].map(({ channel }) => channel);
  }

  /** Checks an envelope and queues it. SUCCESS says that it will be in a block, not that it is valid. */
  async broadcast(bytes: Buffer): Promise<BroadcastAnswer> {
    let opened: ReturnType<typeof openEnvelope>;
    try {
      opened = openEnvelope(bytes);
    } catch (error) {
      return { status: status.badRequest, info: `could not determine channel ID: ${reasonOf(error)}` };
    }
    const lane = this.#lanes.get(opened.channelHeader.channelId);
    return lane === undefined
      ? { status: status.badRequest, info: 'channel does not exist' }
      : lane.take(bytes, opened);
  }

  /** Writes what was taken of a channel and orders it no more. */
  async remove(name: string): Promise<void> {
    const lane = this.#lanes.get(name);
    this.#lanes.delete(name);
    await lane?.close();
  }

  /** Writes what was taken and stops. */
  async close(): Promise<void> {
    await Promise.all([...this.#lanes.values()].map((lane) => lane.close()));
  }
}
