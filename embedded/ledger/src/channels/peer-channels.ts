import { type Channel, type Channels } from '../channel.js';
import { type ChannelRegistry } from './channel-registry.js';

/** The channels that one peer serves: it has joined them, and its organisation is in them at the moment. */
export class PeerChannels implements Channels {
  readonly #registry: ChannelRegistry;

  constructor(
    registry: ChannelRegistry,
    /** Name of the peer. */
    readonly peer: string,
    readonly mspId: string,
  ) {
    this.#registry = registry;
  }

  get(name: string): Channel | undefined {
    const channel = this.#registry.get(name);
    if (channel === undefined || !this.#registry.hasJoined(this.peer, name)) return undefined;
    return channel.config.organizations.has(this.mspId) ? channel : undefined;
  }

  has(name: string): boolean {
    return this.get(name) !== undefined;
  }

  values(): Channel[] {
    return this.#registry.joinedBy(this.peer).flatMap((name) => this.get(name) ?? []);
  }

  /** Calls with each channel that the peer has joined, and then with each that it joins. */
  onJoin(listener: (channel: Channel) => void): void {
    for (const name of this.#registry.joinedBy(this.peer)) {
      const channel = this.#registry.get(name);
      if (channel !== undefined) listener(channel);
    }
    this.#registry.onJoin((peer, channel) => {
      if (peer === this.peer) listener(channel);
    });
  }
}
