import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { certificatePem, type Credential, makeRoot, privateKeyPem, readCredential } from './certificates.js';
import { writeFiles } from './write-files.js';

/** Folder of the root below a network's material. No server reads it. */
const rootFolder = 'root';
const certificateFile = 'ca-cert.pem';
const keyFile = 'ca.key';

/** What the root is called, and whether its key outlives the making of the tree. */
export interface RootOptions {
  readonly commonName?: string | undefined;
  readonly key?: 'keep' | 'discard' | undefined;
}

/**
 * The root below `material`, or a new one where there is none or its key is gone; a new one is not written over what is there.
 * Organisations below different roots do as well: each MSP names its own.
 */
export async function openRoot(
  material: string,
  organization: string,
  { commonName = 'Consortium Root CA', key = 'keep' }: RootOptions = {},
): Promise<Credential> {
  const folder = path.join(material, rootFolder);
  const [certificate, privateKey] = await Promise.all(
    [certificateFile, keyFile].map((name) => readIfPresent(path.join(folder, name))),
  );
  if (certificate !== undefined && privateKey !== undefined) return readCredential(certificate, privateKey);
  const root = await makeRoot(commonName, organization);
  if (certificate === undefined) {
    await writeFiles(folder, {
      [certificateFile]: certificatePem(root),
      ...(key === 'keep' && { [keyFile]: privateKeyPem(root) }),
    });
  }
  return root;
}

async function readIfPresent(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
