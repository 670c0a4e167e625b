import { createHash } from 'node:crypto';
import path from 'node:path';

// Files in which the harness and the processes under test tell each other something.

/** How much of a store's newest log is synced, as the process that writes it knows. */
export interface Synced {
  /** File name in the store's folder. */
  readonly log: string;
  /** Bytes. */
  readonly size: number;
}

/** Where {@link Synced} of a store is noted. */
export const syncedFile = (notes: string, store: string): string =>
  path.join(notes, `synced-${createHash('sha256').update(path.resolve(store)).digest('hex').slice(0, 16)}`);

/** What a process under test is to do. */
export interface Orders {
  /** By how many milliseconds its clock is wrong. */
  readonly clock: number;
  /** If set: to die within its next synced write, so many milliseconds after that has begun. */
  readonly dieWriting?: number;
}

/** Where a process reads its {@link Orders} when it gets SIGUSR2. */
export const ordersFile = (notes: string, pid: number): string => path.join(notes, `orders-${pid}`);
