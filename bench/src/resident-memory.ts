import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Megabytes of memory that processes have, together, as `ps` tells. */
export async function residentMegabytes(pids: readonly number[]): Promise<number> {
  const { stdout } = await run('ps', ['-o', 'rss=', '-p', pids.join(',')]);
  const kilobytes = stdout.split('\n').reduce((sum, line) => sum + Number(line.trim()), 0);
  return kilobytes / 1024;
}
