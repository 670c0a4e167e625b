import { type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { type Duplex, type Readable } from 'node:stream';
import { type CheckLimits } from '../limits.js';
import { type GuestReport } from '../report.js';
import { encodeFrame, type Frame, type FrameKind, FrameReader } from '../wire/frames.js';
import { memoryExceeded, ranOutOfMemory } from './guest-process.js';
import { checksEntry } from './guest-files.js';
import { usageOf } from './process-usage.js';
import { type GuestSurroundings, spawnGuest } from './spawn-guest.js';

/** What a process of checks is sent, and who hears what it says. */
export interface CheckTask {
  readonly frames: readonly (readonly [FrameKind, string])[];
  readonly surroundings: GuestSurroundings;
  readonly limits: CheckLimits;
  /** @returns why it must end, if it must */
  readonly onFrame: (frame: Frame) => GuestReport | undefined;
}

/** Milliseconds between looks at what it uses. */
const watchMs = 200;
const mostStderr = 2_000;
/** Of a process that ends as Node's runner has it: some tests failed. */
const testsFailed = 1;

/**
 * Runs code of a package to its end, in a process that is killed as soon as it uses more than it may.
 * @returns why it was killed or came to no good end; undefined if it came to its end.
 */
export async function runCheck({
  frames,
  surroundings,
  limits,
  onFrame,
}: CheckTask): Promise<GuestReport | undefined> {
  const child = await spawnGuest(checksEntry, limits, surroundings);
  const pipe = child.stdio[3] as Duplex;
  let reason: GuestReport | undefined;
  let stderr = '';
  const kill = (why: GuestReport) => {
    reason ??= why;
    child.kill('SIGKILL');
  };
  const tooMuch = {
    code: 'MESSAGE_TOO_LARGE',
    message: `the tests said more than ${limits.messageBytes} bytes at once`,
  } as const;
  const reader = new FrameReader(limits.messageBytes, (frame) => {
    const why = reason === undefined ? onFrame(frame) : undefined;
    if (why) kill(why);
  });
  pipe.on('data', (chunk: Buffer) => {
    if (reason !== undefined) return;
    try {
      reader.take(chunk);
    } catch {
      kill(tooMuch);
    }
  });
  pipe.on('error', () => undefined);
  child.on('error', () => undefined);
  (child.stderr as Readable).setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(0, mostStderr);
  });
  const exited = child.pid === undefined ? Promise.resolve([undefined]) : once(child, 'close');
  const timer = setTimeout(
    () =>
      kill({ code: 'TESTS_TIMED_OUT', message: `the tests did not end within ${limits.totalMs / 1000} s` }),
    limits.totalMs,
  );
  const watch = setInterval(() => void look(child, limits, kill), watchMs);
  for (const [kind, text] of frames) pipe.write(encodeFrame(kind, 0, Buffer.from(text)));
  const [code] = (await exited) as [number | null | undefined];
  clearTimeout(timer);
  clearInterval(watch);
  pipe.destroy();
  if (reason !== undefined || code === 0 || code === testsFailed) return reason;
  return ranOutOfMemory(stderr)
    ? memoryExceeded(limits.heapBytes)
    : { code: 'CRASHED', message: `the process of the tests ended with ${String(code)}` };
}

async function look(
  child: ChildProcess,
  limits: CheckLimits,
  kill: (why: GuestReport) => void,
): Promise<void> {
  const usage = child.pid === undefined ? undefined : await usageOf(child.pid);
  if (usage === undefined || child.exitCode !== null || child.signalCode !== null) return;
  if (usage.residentBytes > limits.residentBytes) kill(memoryExceeded(limits.residentBytes));
  else if (usage.cpuMs > limits.cpuMs)
    kill({
      code: 'CPU_EXCEEDED',
      message: `the tests used more than ${limits.cpuMs / 1000} s of processor time`,
    });
}
