import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { firstBlock } from '../channel/first-block.js';
import { type NetworkDescription } from '../description.js';
import { initialChannels } from '../topology/first-blocks.js';
import { onOwnHosts, ownHostPorts } from '../topology/places.js';
import { topologyOf } from '../topology/topology.js';
import { genesisFile, materialFolder } from './layout.js';

/**
 * Writes each channel's first block, the same as a real network's. The hosts and ports in it are those of the description:
 * the embedded ledger serves where it is told to, and takes all ordering nodes' part by itself.
 */
export async function writeFirstBlocks(description: NetworkDescription, folder: string): Promise<void> {
  const places = onOwnHosts(folder, path.join(folder, materialFolder), ownHostPorts(description));
  for (const channel of initialChannels(topologyOf(description, places))) {
    const target = path.join(folder, genesisFile(channel.name));
    await mkdir(path.dirname(target), { recursive: true });
    await writeFile(target, await firstBlock(channel));
  }
}
