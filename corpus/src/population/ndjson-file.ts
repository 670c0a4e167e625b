import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, brotliDecompress, constants } from 'node:zlib';
import { type FhirResource } from 'fhir/r4.js';
import { PopulationInvalidError } from '../errors.js';
import { type PopulationFile } from './manifest.js';

const compress = promisify(brotliCompress);
const decompress = promisify(brotliDecompress);

/** A window that spans a whole record: its resources repeat each other. */
const compression = {
  params: {
    [constants.BROTLI_PARAM_QUALITY]: 9,
    [constants.BROTLI_PARAM_LGWIN]: 24,
    [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT,
  },
};

const digestOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** Writes resources one a line, compressed, and answers what the manifest says of the file. */
export async function writeResources(
  folder: string,
  name: string,
  resources: readonly FhirResource[],
): Promise<PopulationFile> {
  const content = Buffer.from(resources.map((resource) => `${JSON.stringify(resource)}\n`).join(''));
  const bytes = await compress(content, compression);
  const file = path.join(folder, name);
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, bytes);
  return {
    path: name,
    sha256: digestOf(bytes),
    bytes: bytes.byteLength,
    contentBytes: content.byteLength,
  };
}

/**
 * Reads the resources of a file, after its digest is found to be the manifest's.
 *
 * @throws {@link PopulationInvalidError} naming the file.
 */
export async function readResources(folder: string, file: PopulationFile): Promise<FhirResource[]> {
  const name = path.join(folder, file.path);
  const bytes = await readFile(name).catch((error: unknown) => {
    throw new PopulationInvalidError(name, 'cannot be read', { cause: error });
  });
  if (bytes.byteLength !== file.bytes) {
    throw new PopulationInvalidError(name, `has ${bytes.byteLength} bytes, not ${file.bytes}`);
  }
  if (digestOf(bytes) !== file.sha256) {
    throw new PopulationInvalidError(name, 'is not the file that the manifest has the SHA-256 of');
  }
  try {
    const content = await decompress(bytes, { maxOutputLength: Math.max(file.contentBytes, 1) });
    return content
      .toString()
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as FhirResource);
  } catch (error) {
    throw new PopulationInvalidError(name, 'does not unpack to lines of JSON', { cause: error });
  }
}
