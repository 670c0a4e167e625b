import { readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { type NetworkDescription } from '../description.js';
import { NetworkChangeRefusedError } from '../errors.js';

const node = z.object({ mspId: z.string(), domain: z.string() });

/** The parts of a description that keys, first blocks and ledgers depend on. */
const described = z.object({
  organizations: z.array(node.extend({ peers: z.array(z.string()) })),
  orderer: node.extend({ nodes: z.array(z.string()), consensus: z.string().optional() }),
  channels: z.array(
    z.object({
      name: z.string(),
      organizations: z.array(z.string()),
      suites: z.array(z.object({ chaincode: z.string() })),
    }),
  ),
});
type Described = z.infer<typeof described>;

const fileIn = (folder: string) => path.join(folder, 'described.json');

const missing = (before: readonly string[], after: readonly string[]) =>
  before.filter((name) => !after.includes(name));

/** What of a network a new description would take away or change, each as a sentence. */
function losses(before: Described, after: Described): string[] {
  const found: string[] = [];
  const { orderer } = before;
  if (JSON.stringify(described.shape.orderer.parse(after.orderer)) !== JSON.stringify(orderer))
    found.push(`the ordering nodes are others than those of ${orderer.mspId}`);
  for (const { mspId, domain, peers } of before.organizations) {
    const now = after.organizations.find((each) => each.mspId === mspId);
    if (now === undefined) found.push(`organisation ${mspId} is gone`);
    else if (now.domain !== domain) found.push(`${mspId} is at ${now.domain} and was at ${domain}`);
    else if (JSON.stringify(now.peers) !== JSON.stringify(peers))
      found.push(`the peers of ${mspId} are others`);
  }
  for (const channel of before.channels) {
    const now = after.channels.find(({ name }) => name === channel.name);
    if (now === undefined) found.push(`channel ${channel.name} is gone`);
    for (const mspId of missing(channel.organizations, now?.organizations ?? channel.organizations))
      found.push(`${mspId} is no longer in ${channel.name}`);
    const chaincodes = channel.suites.map(({ chaincode }) => chaincode);
    for (const name of missing(chaincodes, now?.suites.map(({ chaincode }) => chaincode) ?? chaincodes))
      found.push(`${channel.name} no longer runs ${name}`);
  }
  return found;
}

/**
 * Keeps in a network's folder what the network is made for, before anything is made. A network may grow by organisations,
 * channels, members of channels and chaincodes; whoever is interrupted begins again with the same description.
 * @throws {@link NetworkChangeRefusedError} if the description would take something away or rename it.
 */
export async function rememberDescription(description: NetworkDescription, folder: string): Promise<void> {
  const file = fileIn(folder);
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  });
  const found = text === undefined ? [] : losses(described.parse(JSON.parse(text)), description);
  if (found.length > 0) {
    throw new NetworkChangeRefusedError(
      `The network of ${folder} cannot become what is described: ${found.join('; ')}. It can only grow; begin another in another folder.`,
    );
  }
  const unfinished = `${file}.unfinished`;
  await writeFile(unfinished, `${JSON.stringify(described.parse(description), undefined, 2)}\n`);
  await rename(unfinished, file);
}
