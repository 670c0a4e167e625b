import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** A folder that is removed once the tests of the file that made it are over. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'medigraph-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
