import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type NetworkDescription } from '../description.js';
import { NetworkDescriptionError } from '../errors.js';
import { generateMaterial } from '../material/generate.js';
import { writeFirstBlocks } from './first-blocks.js';
import { type EmbeddedAddresses, ledgerDescription } from './ledger-description.js';
import { ledgerFile, materialFolder } from './layout.js';

/** What an embedded network runs on. */
export interface EmbeddedNetwork {
  /** What the embedded ledger reads (`--network`). */
  readonly ledgerFile: string;
  /** Crypto material, for {@link connectionProfileOf}. */
  readonly material: string;
}

const marker = 'network.sha256';

/** What the embedded ledger reads, of a network that was prepared in this folder. */
export const ledgerFileIn = (folder: string): string => path.join(folder, ledgerFile);

/** The parts of a network that its certificates and first blocks are made for. */
function fingerprint({ organizations, orderer, channels }: NetworkDescription): string {
  const members = channels.map(({ name, organizations: mspIds }) => [name, mspIds]);
  return createHash('sha256')
    .update(JSON.stringify([organizations, orderer, members]))
    .digest('hex');
}

/**
 * Makes what the embedded network needs below `folder`: crypto material and first blocks once, the ledger's description
 * each time, so that policies and addresses may change.
 * @throws {@link NetworkDescriptionError} if the folder was made for other organisations or channels: a ledger may depend on it.
 */
export async function prepareEmbedded(
  description: NetworkDescription,
  folder: string,
  addresses: EmbeddedAddresses = {},
): Promise<EmbeddedNetwork> {
  const wanted = fingerprint(description);
  const found = await readFile(path.join(folder, marker), 'utf8').catch(() => undefined);
  if (found !== undefined && found !== wanted)
    throw new NetworkDescriptionError(
      `${folder} was made for other organisations or channels; begin in another folder, or remove it together with the ledger`,
    );
  const material = path.join(folder, materialFolder);
  await mkdir(folder, { recursive: true });
  await generateMaterial(description, material);
  if (found === undefined) await writeFirstBlocks(description, folder);
  const file = ledgerFileIn(folder);
  await writeFile(file, `${JSON.stringify(ledgerDescription(description, addresses), undefined, 2)}\n`);
  // Written last: until then the folder counts as half-made.
  await writeFile(path.join(folder, marker), wanted);
  return { ledgerFile: file, material };
}
