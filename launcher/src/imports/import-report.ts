import { once } from 'node:events';
import { createWriteStream, type WriteStream } from 'node:fs';
import { rename } from 'node:fs/promises';
import { finished } from 'node:stream/promises';
import { type FileOutcome, type ImportCounts } from './import-file.js';

/** How an import ended: how many of which, or why it was refused as a whole. */
export type ImportEnd = ImportCounts | { readonly code: string; readonly message: string };

/** What became of each resource of a file, a line each, and last how it ended. The file appears when it is complete. */
export class ImportReport {
  readonly #path: string;
  readonly #stream: WriteStream;

  constructor(path: string) {
    this.#path = path;
    this.#stream = createWriteStream(`${path}.part`, { mode: 0o600 });
  }

  async add(outcomes: readonly FileOutcome[]): Promise<void> {
    const lines = outcomes.map((outcome) => `${JSON.stringify(outcome)}\n`).join('');
    if (!this.#stream.write(lines)) await once(this.#stream, 'drain');
  }

  async end(end: ImportEnd): Promise<void> {
    this.#stream.end(`${JSON.stringify(end)}\n`);
    await finished(this.#stream);
    await rename(`${this.#path}.part`, this.#path);
  }
}
