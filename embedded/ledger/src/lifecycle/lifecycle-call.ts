import { type Channel, type Channels } from '../channel.js';
import { type InstalledPackages } from '../packages/installed-packages.js';
import { type TxSimulator } from '../simulate/tx-simulator.js';
import { type LocalChaincodes } from './local-chaincodes.js';

/** One call of `_lifecycle`, by somebody who may make it. */
export interface LifecycleCall {
  /** The peer's own organisation. */
  readonly mspId: string;
  readonly channel: Channel | undefined;
  readonly simulator: TxSimulator | undefined;
  /** Channels that the organisation is in. */
  readonly channels: Channels;
  readonly packages: InstalledPackages;
  readonly chaincodes: LocalChaincodes;
}

/** What is asked for is not there: a peer answers with a status of its own. */
export class NotFoundError extends Error {}

/** The channel of a call that needs one. @throws if it was made without. */
export function channelOf({ channel, simulator }: LifecycleCall): {
  readonly channel: Channel;
  readonly simulator: TxSimulator;
} {
  if (channel === undefined || simulator === undefined)
    throw new Error("no application config for channel ''");
  return { channel, simulator };
}
