import path from 'node:path';
import { type InitialChannel } from '../channel/initial-channel.js';
import { type NetworkDescription } from '../description.js';
import { initialChannels, writeFirstBlock } from '../topology/first-blocks.js';
import { onOwnHosts, ownHostPorts } from '../topology/places.js';
import { topologyOf } from '../topology/topology.js';
import { genesisFile, materialFolder } from './layout.js';

/**
 * What each channel begins with, the same as on a real network. Hosts and ports are those of the description: the embedded
 * ledger serves where it is told to, and takes all ordering nodes' part by itself.
 */
export function embeddedChannels(description: NetworkDescription, folder: string): InitialChannel[] {
  const places = onOwnHosts(folder, path.join(folder, materialFolder), ownHostPorts(description));
  return initialChannels(topologyOf(description, places));
}

/** Makes the first block of every channel that has none yet. */
export async function writeFirstBlocks(description: NetworkDescription, folder: string): Promise<void> {
  for (const channel of embeddedChannels(description, folder))
    await writeFirstBlock(path.join(folder, genesisFile(channel.name)), channel);
}
