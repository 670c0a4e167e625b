/**
 * Loaded into every process of the system under test before anything else, by `node --import`. It notes how much of each
 * LevelDB log is synced, and lets the clock of the process jump when told by SIGUSR2. Nothing of it is in what ships.
 */
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ClassicLevel } from 'classic-level';
import { clockFile, syncedFile, type Synced } from './notes.js';

const folder = process.env['MEDIGRAPH_FAULTS_FOLDER'];

interface Writing {
  readonly location: string;
  _batch(operations: unknown, options: { readonly sync?: boolean }): Promise<void>;
}

function noteSyncs(notes: string): void {
  const prototype = ClassicLevel.prototype as unknown as Writing;
  const write = Reflect.get(prototype, '_batch') as Writing['_batch'];
  prototype._batch = async function (this: Writing, operations, options) {
    await write.call(this, operations, options);
    if (options.sync !== true) return;
    const logs = readdirSync(this.location).filter((name) => name.endsWith('.log'));
    const log = logs.sort().at(-1);
    if (log === undefined) return;
    const synced: Synced = { log, size: statSync(path.join(this.location, log)).size };
    writeFileSync(syncedFile(notes, this.location), JSON.stringify(synced).padEnd(64));
  };
}

function letClockJump(notes: string): void {
  const RealDate = Date;
  let shift = 0;
  class JumpingDate extends RealDate {
    constructor(...parts: readonly unknown[]) {
      if (parts.length === 0) super(RealDate.now() + shift);
      else super(...(parts as [number]));
    }

    static override now(): number {
      return RealDate.now() + shift;
    }
  }
  globalThis.Date = JumpingDate as DateConstructor;
  process.on('SIGUSR2', () => {
    shift = Number(readFileSync(clockFile(notes, process.pid), 'utf8'));
  });
}

if (folder !== undefined) {
  noteSyncs(folder);
  letClockJump(folder);
}
