import { ClassicLevel } from 'classic-level';
import { mkdir } from 'node:fs/promises';
import { CaUnavailableError, reasonOf } from '../errors.js';
import { AuthorityStore } from './authority-store.js';

/** What all authorities of a process keep: one LevelDB, a part of it for each. */
export class CaStore {
  readonly #database: ClassicLevel;

  private constructor(database: ClassicLevel) {
    this.#database = database;
  }

  /** @throws {@link CaUnavailableError} if another process has the folder, or it cannot be read. */
  static async open(folder: string): Promise<CaStore> {
    try {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const database = new ClassicLevel<string, string>(folder, {
        // Small, since lists of it are read rarely.
        cacheSize: 2 * 1_048_576,
        writeBufferSize: 1_048_576,
      });
      await database.open();
      return new CaStore(database);
    } catch (error) {
      const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
      throw new CaUnavailableError(
        `the authorities' data in ${folder} cannot be opened: ${reasonOf(cause)}`,
        {
          cause: error,
        },
      );
    }
  }

  authority(name: string): Promise<AuthorityStore> {
    return AuthorityStore.open(this.#database, name);
  }

  close(): Promise<void> {
    return this.#database.close();
  }
}
