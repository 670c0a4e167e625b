import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

/** What a process has used. */
export interface ProcessUsage {
  /** Milliseconds of processor time since it began. */
  readonly cpuMs: number;
  readonly residentBytes: number;
}

/** Of Linux on every machine that Node runs on. */
const ticksPerSecond = 100;
const pageBytes = 4096;
const run = promisify(execFile);

/** The process that a wrapper such as `unshare --fork` waits for, or the process itself. */
async function innermost(pid: number): Promise<number> {
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '');
  const [child] = children.trim().split(' ');
  return child ? innermost(Number(child)) : pid;
}

async function fromProc(pid: number): Promise<ProcessUsage> {
  const text = await readFile(`/proc/${await innermost(pid)}/stat`, 'utf8');
  // The second field, a name in parentheses, may hold spaces: what follows it is counted from the third.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const number = (field: number) => Number(fields[field - 3]);
  return {
    cpuMs: ((number(14) + number(15)) * 1000) / ticksPerSecond,
    residentBytes: number(24) * pageBytes,
  };
}

async function fromPs(pid: number): Promise<ProcessUsage> {
  const { stdout } = await run('ps', ['-o', 'time=,rss=', '-p', String(pid)]);
  const [time = '0', resident = '0'] = stdout.trim().split(/\s+/);
  const seconds = time.split(/[:-]/).reduce((sum, part) => sum * 60 + Number(part), 0);
  return { cpuMs: seconds * 1000, residentBytes: Number(resident) * 1024 };
}

/** @returns undefined if the process is gone */
export async function usageOf(pid: number): Promise<ProcessUsage | undefined> {
  try {
    return await (process.platform === 'linux' ? fromProc(pid) : fromPs(pid));
  } catch {
    return undefined;
  }
}
