import path from 'node:path';
import { startDocuments } from '@medigraph/embedded-documents';
import { temporaryFolder } from './temporary-folder.js';

/**
 * The document server of a test file: the one that MONGODB_URI names, or the embedded one, started for it.
 * @returns where to connect, to be called once it is needed.
 */
export function documentsForTests(): () => string {
  const given = process.env['MONGODB_URI'];
  if (given !== undefined) return () => given;
  const folder = temporaryFolder();
  let uri = '';
  let close: () => Promise<void>;
  beforeAll(async () => {
    const server = await startDocuments({ dataDir: path.join(folder, 'documents') });
    ({ uri } = server);
    close = () => server.close();
  });
  afterAll(() => close());
  return () => uri;
}
