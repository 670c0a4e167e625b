import { listeningAddress } from '@medigraph/chaincode-lib/listening-address';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { z } from 'zod';

const entries = z.record(z.string(), z.string());

/** Is nothing listening at an address? */
function isFree(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen(port, host, () => probe.close(() => resolve(true)));
  });
}

/**
 * Where each version of a DApp serves. A chaincode package names the address, so a version keeps its own over restarts;
 * only one that somebody else has taken meanwhile is given up.
 */
export class AddressBook {
  readonly #file: string;
  readonly #host: string;
  readonly #known: Map<string, string>;

  private constructor(file: string, host: string, known: Map<string, string>) {
    this.#file = file;
    this.#host = host;
    this.#known = known;
  }

  /** @param host - address to listen at, which peers reach. */
  static async open(file: string, host = '127.0.0.1'): Promise<AddressBook> {
    const text = await readFile(file, 'utf8').catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '{}';
      throw error;
    });
    return new AddressBook(file, host, new Map(Object.entries(entries.parse(JSON.parse(text)))));
  }

  /** `host:port` of a version that does not run yet. */
  async of(dapp: string, version: string): Promise<string> {
    const name = `${dapp}@${version}`;
    const known = this.#known.get(name);
    if (known !== undefined && (await isFree(this.#host, Number(known.slice(known.lastIndexOf(':') + 1)))))
      return known;
    const address = await listeningAddress(`${this.#host}:0`);
    this.#known.set(name, address);
    const temporary = `${this.#file}.part`;
    await writeFile(temporary, JSON.stringify(Object.fromEntries(this.#known)), { mode: 0o600 });
    await rename(temporary, this.#file);
    return address;
  }
}
