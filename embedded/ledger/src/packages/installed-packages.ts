import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { LedgerCorruptError, reasonOf } from '../errors.js';
import { packageIdOf, readChaincodePackage } from './chaincode-package.js';
import { readServiceAddress, type ServiceAddress } from './service-address.js';

/** A package that an organisation has installed. */
export interface InstalledPackage {
  /** `label:hash`. */
  readonly packageId: string;
  readonly label: string;
  /** Where it says that its chaincode serves. */
  readonly service: ServiceAddress;
}

const filePattern = /^(.+)[.]([0-9a-f]{64})[.]tar[.]gz$/;
const fileOf = (packageId: string) => `${packageId.replace(':', '.')}.tar.gz`;

/** The one type of chaincode that runs here: as a service, in a process of its own. */
const serviceType = 'ccaas';

/** The chaincode packages of one organisation, in a folder: a file each, there whole or not at all. */
export class InstalledPackages {
  readonly #folder: string;
  readonly #packages = new Map<string, InstalledPackage>();
  readonly #installing = new Set<string>();

  private constructor(folder: string) {
    this.#folder = folder;
  }

  /**
   * Finds what was installed before; what an interrupted installation left is removed.
   * @throws {@link LedgerCorruptError} if a package is not what was installed.
   */
  static async open(folder: string): Promise<InstalledPackages> {
    const packages = new InstalledPackages(folder);
    await mkdir(folder, { recursive: true });
    for (const name of await readdir(folder)) {
      const file = path.join(folder, name);
      const [, label, hash] = filePattern.exec(name) ?? [];
      if (label === undefined || hash === undefined) await rm(file, { force: true });
      else {
        const installed = await reopen(file, `${label}:${hash}`);
        packages.#packages.set(installed.packageId, installed);
      }
    }
    return packages;
  }

  get(packageId: string): InstalledPackage | undefined {
    return this.#packages.get(packageId);
  }

  [Symbol.iterator](): IterableIterator<InstalledPackage> {
    return this.#packages.values();
  }

  /** @throws in Fabric's words if it cannot be read or is there already. */
  async install(content: Buffer): Promise<InstalledPackage> {
    const parsed = await readChaincodePackage(content).catch((error: unknown) => {
      throw new Error(`could not parse as a chaincode install package: ${reasonOf(error)}`, { cause: error });
    });
    const { packageId, label, type, code } = parsed;
    if (this.#packages.has(packageId) || this.#installing.has(packageId))
      throw new Error(`chaincode already successfully installed (package ID '${packageId}')`);
    this.#installing.add(packageId);
    try {
      const service = await build(type, code).catch((error: unknown) => {
        throw new Error(`could not build chaincode: ${reasonOf(error)}`, { cause: error });
      });
      await this.#write(fileOf(packageId), content);
      const installed = { packageId, label, service };
      this.#packages.set(packageId, installed);
      return installed;
    } finally {
      this.#installing.delete(packageId);
    }
  }

  /** A package as it was installed. */
  content({ packageId }: InstalledPackage): Promise<Buffer> {
    return readFile(path.join(this.#folder, fileOf(packageId)));
  }

  async #write(name: string, content: Buffer): Promise<void> {
    const temporary = path.join(this.#folder, `.${name}.part`);
    const file = await open(temporary, 'w');
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path.join(this.#folder, name));
    // The name itself is on disk only once its folder is.
    const folder = await open(this.#folder, 'r');
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  }
}

/** What a builder makes sure of: that there is somebody to run it, and that it says where it runs. */
async function build(type: string, code: Buffer): Promise<ServiceAddress> {
  if (type.toLowerCase() !== serviceType) throw new Error('no DockerBuilder, cannot build');
  return readServiceAddress(code);
}

async function reopen(file: string, packageId: string): Promise<InstalledPackage> {
  const content = await readFile(file);
  try {
    const { label, type, code } = await readChaincodePackage(content);
    if (packageIdOf(label, content) !== packageId) throw new Error('its bytes do not match its name');
    return { packageId, label, service: await build(type, code) };
  } catch (error) {
    throw new LedgerCorruptError(`the chaincode package ${file} is damaged: ${reasonOf(error)}`, {
      cause: error,
    });
  }
}
