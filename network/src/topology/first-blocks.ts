import { mkdir, readdir, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { firstBlock } from '../channel/first-block.js';
import { type InitialChannel } from '../channel/initial-channel.js';
import { type Topology } from './topology.js';

/** Where the first block of a channel is kept. */
export const genesisFile = (folder: string, channel: string): string =>
  path.join(folder, 'channels', `${channel}.block`);

/** What each channel begins with. */
export function initialChannels({ channels, organizations, orderer, batch }: Topology): InitialChannel[] {
  return channels.map(({ name, organizations: mspIds, acls }) => ({
    name,
    members: organizations
      .filter(({ mspId }) => mspIds.includes(mspId))
      .map(({ mspId, msp, peers }) => ({ mspId, msp, anchorPeers: peers.slice(0, 1) })),
    ...(acls && { acls }),
    orderer: { ...orderer, consenters: orderer.nodes, batch },
  }));
}

/** Makes the first block of a channel unless the file is there. A second one would differ, and nodes that joined keep theirs. */
export async function writeFirstBlock(file: string, channel: InitialChannel): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true });
  if ((await readdir(path.dirname(file))).includes(path.basename(file))) return;
  const unfinished = `${file}.unfinished`;
  await writeFile(unfinished, await firstBlock(channel));
  await rename(unfinished, file);
}

/** Makes the first block of every channel that has none yet. */
export async function writeFirstBlocks(topology: Topology): Promise<void> {
  await Promise.all(
    initialChannels(topology).map((channel) =>
      writeFirstBlock(genesisFile(topology.folder, channel.name), channel),
    ),
  );
}
