import { readFile, stat } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

/** Where a supergraph comes from. */
export interface SupergraphSource {
  /** The supergraph, or undefined where it is what the last call gave. @throws where it cannot be had */
  read(): Promise<string | undefined>;
}

/** A supergraph is text that people review; anything longer is none. */
const mostBytes = 32 * 1024 * 1024;
const timeoutMs = 10_000;

/** A source by its name: the address of a server (`http:`, `https:`), else a file. */
export function supergraphSource(name: string): SupergraphSource {
  if (/^https?:/.test(name)) return new UrlSource(new URL(name));
  return new FileSource(name.startsWith('file:') ? fileURLToPath(name) : name);
}

class FileSource implements SupergraphSource {
  #stamp: string | undefined;

  constructor(readonly file: string) {}

  async read(): Promise<string | undefined> {
    const { mtimeMs, size, ino } = await stat(this.file);
    const stamp = `${mtimeMs} ${size} ${ino}`;
    if (stamp === this.#stamp) return undefined;
    if (size > mostBytes) throw new RangeError(`${this.file} is longer than ${mostBytes} bytes.`);
    const text = await readFile(this.file, 'utf8');
    this.#stamp = stamp;
    return text;
  }
}

class UrlSource implements SupergraphSource {
  #etag: string | undefined;

  constructor(readonly url: URL) {}

  async read(): Promise<string | undefined> {
    const response = await fetch(this.url, {
      headers: this.#etag === undefined ? {} : { 'if-none-match': this.#etag },
      signal: AbortSignal.timeout(timeoutMs),
    });
    if (response.status === 304) {
      await response.body?.cancel();
      return undefined;
    }
    if (response.status !== 200) {
      await response.body?.cancel();
      throw new Error(`${this.url.href} answered with status ${response.status}.`);
    }
    const text = await bounded(response);
    this.#etag = response.headers.get('etag') ?? undefined;
    return text;
  }
}

async function bounded({ body, url }: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  // The type of a web stream does not say that it can be iterated; Node's can.
  const stream = body as AsyncIterable<Uint8Array> | null;
  if (stream === null) return '';
  for await (const chunk of stream) {
    length += chunk.length;
    if (length > mostBytes) throw new RangeError(`${url} answers with more than ${mostBytes} bytes.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
