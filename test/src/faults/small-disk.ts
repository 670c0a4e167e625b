import { execFile } from 'node:child_process';
import { mkdir, open, rm, statfs } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const megabyte = 1024 * 1024;

/** A file system of a few megabytes, in memory, that can be filled to the last page and emptied again. */
export class SmallDisk {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  /** Mounts one at the folder; undefined where that is not permitted. */
  static async mount(folder: string, megabytes: number): Promise<SmallDisk | undefined> {
    await mkdir(folder, { recursive: true });
    try {
      await run('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m,mode=700`, 'medigraph-faults', folder]);
      return new SmallDisk(folder);
    } catch {
      return undefined;
    }
  }

  get #filler(): string {
    return path.join(this.folder, 'filler');
  }

  /** Leaves less than `rest` bytes free. */
  async fill(rest: number): Promise<void> {
    const file = await open(this.#filler, 'w');
    try {
      const chunk = Buffer.alloc(megabyte, 1);
      for (;;) {
        const { bavail, bsize } = await statfs(this.folder);
        const left = bavail * bsize - rest;
        if (left <= 0) return;
        await file.write(chunk, 0, Math.min(left, chunk.length));
      }
    } catch (error) {
      // Somebody else took the last pages: it is full all the same.
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
    } finally {
      await file.close();
    }
  }

  async empty(): Promise<void> {
    await rm(this.#filler, { force: true });
  }

  /** Takes it away; what is still open there ends with who has it open. */
  async unmount(): Promise<void> {
    await run('umount', ['--lazy', this.folder]);
  }
}
