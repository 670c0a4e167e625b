import { type FileBucket } from './file-bucket.js';
import { type FileDigest, type FileReader } from './file-reader.js';

/** A file as the ledger has it. */
export interface ExpectedFile extends FileDigest {
  /** That of its entry, in the graph. */
  readonly id: string;
}

/**
 * What is wrong with a stored file: it is not there, it is not what the ledger says, or the ledger says nothing of it and
 * nobody is sending it.
 */
export interface FileFinding {
  readonly id: string;
  readonly problem: 'missing' | 'altered' | 'unknown';
}

/** Compares one stored file with the ledger, by reading all of it. */
export async function checkFile(
  { bucket, reader }: { readonly bucket: FileBucket; readonly reader: FileReader },
  { id, size, sha256 }: ExpectedFile,
): Promise<FileFinding | undefined> {
  if ((await bucket.file(id)) === undefined) return { id, problem: 'missing' };
  const stored = await reader.digest(id);
  return stored.sha256 === sha256 && stored.size === size ? undefined : { id, problem: 'altered' };
}
