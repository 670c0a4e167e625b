import { connectDocuments, type Documents } from '@medigraph/platform/documents';
import {
  checkFile,
  type ExpectedFile,
  FileBucket,
  type FileFinding,
  FileReader,
  UploadStore,
} from '@medigraph/platform/files';
import { type Connection } from 'mongoose';
import { databaseOf } from '../platform/subgraphs.js';

/** What checking the stored files came to. */
export interface FilesVerification {
  /** Files that are what the ledger says. */
  readonly files: number;
  /** Bytes of ciphertext that were read. */
  readonly bytes: number;
  /** Everything that is wrong. */
  readonly findings: readonly FileFinding[];
}

export interface FilesOptions {
  /** Document server with the files. */
  readonly kept: string;
  /** Document server with read models that were rebuilt from the blocks. */
  readonly rebuilt: string;
  readonly onFile?: (done: number, total: number) => void;
}

/** Compares every stored file with the entry that the ledger has of it, and finds what has none. */
export async function verifyFiles({ kept, rebuilt, onFile }: FilesOptions): Promise<FilesVerification> {
  const opened: Documents[] = [];
  const open = async (uri: string): Promise<Connection> => {
    const documents = await connectDocuments(uri, databaseOf('records'));
    opened.push(documents);
    return documents.connection;
  };
  try {
    const connection = await open(kept);
    const bucket = new FileBucket(connection);
    const uploads = new UploadStore(connection, bucket, Infinity);
    const expected = await filesOfLedger(await open(rebuilt));
    const findings: FileFinding[] = [];
    let bytes = 0;
    for (const [index, file] of expected.entries()) {
      onFile?.(index, expected.length);
      const finding = await checkFile({ bucket, reader: new FileReader(bucket) }, file);
      bytes += file.size;
      if (finding) findings.push(finding);
    }
    onFile?.(expected.length, expected.length);
    const files = expected.length - findings.length;
    const known = new Set(expected.map(({ id }) => id));
    for await (const { id } of bucket.files())
      if (!known.has(id) && !(await uploads.has(id))) findings.push({ id, problem: 'unknown' });
    for (const id of await bucket.unpublished())
      if (!known.has(id) && !(await uploads.has(id))) findings.push({ id, problem: 'unknown' });
    return { files, bytes, findings };
  } finally {
    await Promise.all(opened.map((documents) => documents.close()));
  }
}

/** What the rebuilt index of entries says of their files. */
async function filesOfLedger(connection: Connection): Promise<ExpectedFile[]> {
  const entries = connection.collection<{ _id: string; attachment: { size: number; sha256: string } }>(
    'records_index_entries',
  );
  const found = await entries
    .find({ attachment: { $exists: true } }, { projection: { attachment: 1 }, sort: { _id: 1 } })
    .toArray();
  return found.map(({ _id: id, attachment }) => ({ id, ...attachment }));
}
