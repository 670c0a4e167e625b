import { parseManifest } from '@medigraph/dapp-package';
import { type DAppManifest, manifestFile } from '@medigraph/schema/dapps';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { CommandFailure } from '../command-failure.js';

/** Where a DApp's contracts begin; it exports `contracts`. */
export const sourceEntry = 'src/index.ts';
/** Where commands put what they make. */
export const outputFolder = 'build';

/** The folder of a DApp: its manifest, its sources, what goes into its package beside the bundle. */
export class DAppFolder {
  readonly path: string;

  constructor(folder: string) {
    this.path = path.resolve(folder);
  }

  /** @throws {@link CommandFailure} `DAPP_MISSING`; `MANIFEST_INVALID`. */
  async manifest(): Promise<DAppManifest> {
    return parseManifest(await this.#manifestText());
  }

  /** Path in the package to content of everything that is packed as it is. */
  async plainFiles(): Promise<Map<string, Uint8Array>> {
    const files = new Map([[manifestFile, new Uint8Array(Buffer.from(await this.#manifestText()))]]);
    for (const name of ['README.md', 'LICENSE', 'package-lock.json']) {
      const content = await this.#read(name);
      if (content) files.set(name, new Uint8Array(content));
    }
    return files;
  }

  /** Contents of sources, by path. */
  async sources(paths: Iterable<string>): Promise<Map<string, Uint8Array>> {
    const names = [...new Set(paths)].sort();
    const contents = names.map(
      async (name) => [name, new Uint8Array(await readFile(path.join(this.path, name)))] as const,
    );
    return new Map(await Promise.all(contents));
  }

  async #manifestText(): Promise<string> {
    const content = await this.#read(manifestFile);
    if (!content)
      throw new CommandFailure(
        'DAPP_MISSING',
        `there is no ${manifestFile} in ${this.path}; make a DApp with: medigraph dapp create NAME`,
      );
    return content.toString();
  }

  async #read(name: string): Promise<Buffer | undefined> {
    return readFile(path.join(this.path, name)).catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    });
  }
}
