import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type NetworkDescription } from '../description.js';
import { rememberDescription } from '../growth/described.js';
import { generateMaterial, generateOrganization } from '../material/generate.js';
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

/** What the embedded ledger reads, of a network that was prepared in this folder. */
export const ledgerFileIn = (folder: string): string => path.join(folder, ledgerFile);

/**
 * Makes what the embedded network needs below `folder`: crypto material and first blocks once, the ledger's description
 * each time, so that policies and addresses may change and organisations and channels may be added.
 * @throws {@link NetworkChangeRefusedError} if the folder was made for other organisations or channels: a ledger may depend on it.
 */
export async function prepareEmbedded(
  description: NetworkDescription,
  folder: string,
  addresses: EmbeddedAddresses = {},
): Promise<EmbeddedNetwork> {
  const material = path.join(folder, materialFolder);
  await mkdir(folder, { recursive: true });
  await rememberDescription(description, folder);
  await generateMaterial(description, material);
  for (const organization of description.organizations)
    await generateOrganization(description, organization, material);
  await writeFirstBlocks(description, folder);
  const file = ledgerFileIn(folder);
  await writeFile(file, `${JSON.stringify(ledgerDescription(description, addresses), undefined, 2)}\n`);
  return { ledgerFile: file, material };
}
