import { createWriteStream, type WriteStream } from 'node:fs';
import { mkdir, rename } from 'node:fs/promises';
import path from 'node:path';

/** What the parts log, a file each; the last run's is kept beside it as `NAME.1.log`. */
export class LogFiles {
  readonly #streams: ReadonlyMap<string, WriteStream>;

  private constructor(streams: ReadonlyMap<string, WriteStream>) {
    this.#streams = streams;
  }

  static async open(folder: string, names: readonly string[]): Promise<LogFiles> {
    await mkdir(folder, { recursive: true });
    const streams = new Map<string, WriteStream>();
    for (const name of names) {
      const file = path.join(folder, `${name}.log`);
      await rename(file, path.join(folder, `${name}.1.log`)).catch((error: unknown) => {
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      });
      const stream = createWriteStream(file, { flags: 'a' });
      // A full disk must not stop the parts; what they say is then lost, and nothing else.
      stream.on('error', () => stream.destroy());
      streams.set(name, stream);
    }
    return new LogFiles(streams);
  }

  writer(name: string): (line: string) => void {
    const stream = this.#streams.get(name);
    return (line) => {
      if (stream?.writable) stream.write(`${line}\n`);
    };
  }

  async close(): Promise<void> {
    await Promise.all([...this.#streams.values()].map((stream) => new Promise((done) => stream.end(done))));
  }
}
