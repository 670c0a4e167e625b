import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import { extract, type Header } from 'tar-stream';
import { z } from 'zod';
import { sha256 } from '../crypto/hash.js';
import { reasonOf } from '../errors.js';

/** A chaincode package that could be read. */
export interface ChaincodePackage {
  /** `label:hash`. */
  readonly packageId: string;
  readonly label: string;
  /** How the code runs, such as `ccaas`. */
  readonly type: string;
  /** `code.tar.gz`. */
  readonly code: Buffer;
}

/** Bytes that a package may unpack to: what one message may carry, and no more however small the package is. */
const mostBytes = 100 * 1024 * 1024;

const metadataFile = 'metadata.json';
const codeFile = 'code.tar.gz';
const labelPattern = /^[A-Za-z0-9][A-Za-z0-9_.+-]*$/;
const metadata = z.object({
  type: z.string().default(''),
  label: z.string().default(''),
});

/** The id of a package: every organisation that has the same bytes computes the same. */
export const packageIdOf = (label: string, content: Buffer): string =>
  `${label}:${sha256(content).toString('hex')}`;

/**
 * Reads the package that an organisation wants to install.
 * @throws with what is wrong with it, in Fabric's words.
 */
export async function readChaincodePackage(content: Buffer): Promise<ChaincodePackage> {
  let found: z.infer<typeof metadata> | undefined;
  let code: Buffer | undefined;
  await readArchive(content, (name, file) => {
    if (name === metadataFile) found = readMetadata(file);
    if (name === codeFile) code = file;
  });
  if (code === undefined) throw new Error('did not find a code package inside the package');
  if (found === undefined) throw new Error(`did not find any package metadata (missing ${metadataFile})`);
  const { label, type } = found;
  if (!labelPattern.test(label))
    throw new Error(
      `invalid label '${label}'. Label must be non-empty, can only consist of alphanumerics, symbols from '.+-_', and can only begin with alphanumerics`,
    );
  return { packageId: packageIdOf(label, content), label, type, code };
}

function readMetadata(file: Buffer): z.infer<typeof metadata> {
  try {
    return metadata.parse(JSON.parse(file.toString()));
  } catch (error) {
    throw new Error(`could not unmarshal ${metadataFile} as json: ${reasonOf(error)}`, { cause: error });
  }
}

/** One file of an archive; undefined if it is not there. @throws if the archive cannot be read. */
export async function fileOf(archive: Buffer, wanted: string): Promise<Buffer | undefined> {
  let found: Buffer | undefined;
  await readArchive(archive, (name, file) => {
    if (name.replace(/^\.\//, '') === wanted) found = file;
  });
  return found;
}

/** Types of entries as a tar header writes them, in decimal, which is how Fabric names them. */
const typeFlags: Readonly<Record<Exclude<Header['type'], 'file'>, number>> = {
  link: 49,
  symlink: 50,
  'character-device': 51,
  'block-device': 52,
  directory: 53,
  fifo: 54,
  'contiguous-file': 55,
};

/** Gives out the files of a `.tar.gz`; nothing of it is ever written to a path that it names. */
async function readArchive(content: Buffer, take: (name: string, file: Buffer) => void): Promise<void> {
  const entries = Readable.from([unzip(content)]).pipe(extract());
  try {
    for await (const entry of entries) {
      const { name, type } = entry.header;
      if (type !== 'file')
        throw new Error(`tar entry ${name} is not a regular file, type ${typeFlags[type]}`);
      take(name, await buffer(entry));
    }
  } catch (error) {
    if (error instanceof Error && /header|Unexpected end/i.test(error.message))
      throw new Error(`error inspecting next tar header: ${error.message}`, { cause: error });
    throw error;
  }
}

function unzip(content: Buffer): Buffer {
  try {
    return gunzipSync(content, { maxOutputLength: mostBytes });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ERR_BUFFER_TOO_LARGE')
      throw new Error(`error reading as gzip stream: it unpacks to more than ${mostBytes} bytes`, {
        cause: error,
      });
    throw new Error(`error reading as gzip stream: ${gzipFault(content, reasonOf(error))}`, { cause: error });
  }
}

/** What Go's reader says of bytes that are no gzip stream. */
function gzipFault(content: Buffer, otherwise: string): string {
  if (content.length === 0) return 'EOF';
  if (content.length < 10) return 'unexpected EOF';
  return content[0] === 0x1f && content[1] === 0x8b ? otherwise : 'gzip: invalid header';
}
