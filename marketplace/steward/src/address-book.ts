import { listeningAddress } from '@medigraph/chaincode-lib/listening-address';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { z } from 'zod';

const entries = z.record(z.string(), z.string());

/** Where contracts of DApps serve. */
export interface AddressRange {
  /** Address of this machine at which they listen. */
  readonly listen: string;
  /** By which peers reach it; the same, unless said. */
  readonly host?: string;
  /** First and last of the ports that they may have; absent: any. */
  readonly ports?: readonly [first: number, last: number];
}

/** Where one version serves. */
export interface ServiceAddress {
  /** `host:port` at which it listens. */
  readonly listens: string;
  /** `host:port` that its chaincode package names. */
  readonly reached: string;
}

/** Every port that contracts of DApps may have is taken. */
export class AddressesExhausted extends Error {
  override readonly name = 'AddressesExhausted';
  readonly code = 'ADDRESSES_EXHAUSTED';

  constructor([first, last]: readonly [number, number]) {
    super(`every port from ${first} to ${last} is taken: allow more with MEDIGRAPH_DAPPS_PORTS`);
  }
}

/** Is nothing listening at an address? */
function isFree(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen(port, host, () => probe.close(() => resolve(true)));
  });
}

const portIn = (address: string): number => Number(address.slice(address.lastIndexOf(':') + 1));

/**
 * Where each version of a DApp serves. A chaincode package names the address, so a version keeps its own over restarts;
 * only one that somebody else has taken meanwhile is given up.
 */
export class AddressBook {
  readonly #file: string;
  readonly #range: AddressRange;
  /** What peers reach, by version. */
  readonly #known: Map<string, string>;

  private constructor(file: string, range: AddressRange, known: Map<string, string>) {
    this.#file = file;
    this.#range = range;
    this.#known = known;
  }

  static async open(file: string, range: AddressRange = { listen: '127.0.0.1' }): Promise<AddressBook> {
    const text = await readFile(file, 'utf8').catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '{}';
      throw error;
    });
    return new AddressBook(file, range, new Map(Object.entries(entries.parse(JSON.parse(text)))));
  }

  /** Where a version shall serve that does not run yet. @throws {@link AddressesExhausted} */
  async of(dapp: string, version: string): Promise<ServiceAddress> {
    const { listen, host = listen } = this.#range;
    const name = `${dapp}@${version}`;
    const known = this.#known.get(name);
    if (known !== undefined && (await isFree(listen, portIn(known))))
      return { listens: `${listen}:${portIn(known)}`, reached: known };
    const port = await this.#freePort();
    this.#known.set(name, `${host}:${port}`);
    const temporary = `${this.#file}.part`;
    await writeFile(temporary, JSON.stringify(Object.fromEntries(this.#known)), { mode: 0o600 });
    await rename(temporary, this.#file);
    return { listens: `${listen}:${port}`, reached: `${host}:${port}` };
  }

  async #freePort(): Promise<number> {
    const { listen, ports } = this.#range;
    if (ports === undefined) return portIn(await listeningAddress(`${listen}:0`));
    const [first, last] = ports;
    // Those of versions that rest are taken last: they may run again.
    const given = new Set([...this.#known.values()].map(portIn));
    const all = Array.from({ length: last - first + 1 }, (_, index) => first + index);
    for (const port of [...all.filter((each) => !given.has(each)), ...all.filter((each) => given.has(each))])
      if (await isFree(listen, port)) return port;
    throw new AddressesExhausted(ports);
  }
}
