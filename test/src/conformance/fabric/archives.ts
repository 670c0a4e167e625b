import { buffer } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { pack } from 'tar-stream';

/** One entry of an archive. */
export interface Entry {
  readonly name: string;
  readonly content: string | Uint8Array;
  readonly type: 'file' | 'directory' | 'symlink';
}

export const entryOf = (name: string, content: Entry['content'], type: Entry['type'] = 'file'): Entry => ({
  name,
  content,
  type,
});

/** The metadata of a chaincode package. */
export const metadataOf = (label: string, type = 'ccaas'): Entry =>
  entryOf('metadata.json', JSON.stringify({ path: '', type, label }));

/** A `.tar.gz` of these entries, right or wrong. */
export async function archiveOf(...entries: readonly Entry[]): Promise<Uint8Array> {
  const archive = pack();
  for (const { name, content, type } of entries) {
    if (type === 'file')
      archive.entry({ name }, typeof content === 'string' ? content : Buffer.from(content));
    else archive.entry({ name, type, ...(type === 'symlink' && { linkname: '/etc/passwd' }) });
  }
  archive.finalize();
  return gzipSync(await buffer(archive));
}
