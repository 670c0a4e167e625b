/**
 * Loaded into every process of the system under test before anything else, by `node --import`. It notes how much of each
 * LevelDB log is synced; on SIGUSR2 it lets the clock of the process jump, or the process die in the middle of its next
 * write. Nothing of it is in what ships.
 */
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ClassicLevel } from 'classic-level';
import { letClockJump } from './jumping-clock.js';
import { type Orders, ordersFile, type Synced, syncedFile } from './notes.js';

const folder = process.env['MEDIGRAPH_FAULTS_FOLDER'];

let orders: Orders = { clock: 0 };

interface Writing {
  readonly location: string;
  _batch(operations: unknown, options: { readonly sync?: boolean }): Promise<void>;
}

function watchWrites(notes: string): void {
  const prototype = ClassicLevel.prototype as unknown as Writing;
  const write = Object.getOwnPropertyDescriptor(prototype, '_batch')?.value as Writing['_batch'];
  prototype._batch = async function (this: Writing, operations, options) {
    const writing = write.call(this, operations, options);
    if (options.sync !== true) return writing;
    if (orders.dieWriting !== undefined) dieAfter(orders.dieWriting);
    await writing;
    const logs = readdirSync(this.location).filter((name) => name.endsWith('.log'));
    const log = logs.sort().at(-1);
    if (log === undefined) return;
    const synced: Synced = { log, size: statSync(path.join(this.location, log)).size };
    writeFileSync(syncedFile(notes, this.location), JSON.stringify(synced).padEnd(64));
  };
}

/** Meanwhile the thread that writes goes on, and this one can tell nobody how far it came. */
function dieAfter(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
  process.kill(process.pid, 'SIGKILL');
}

if (folder !== undefined) {
  watchWrites(folder);
  letClockJump(() => orders.clock);
  process.on('SIGUSR2', () => {
    orders = JSON.parse(readFileSync(ordersFile(folder, process.pid), 'utf8')) as Orders;
  });
}
