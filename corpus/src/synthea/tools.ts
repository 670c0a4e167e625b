import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { CorpusGenerationError, CorpusToolMissingError } from '../errors.js';

/** A program that only the making of populations needs. */
export interface Tool {
  readonly command: string;
  /** What to do if it is not there. */
  readonly advice: string;
}

export const maven: Tool = {
  command: 'mvn',
  advice: 'install Apache Maven 3 (it fetches Synthea, once) and try again',
};
export const java: Tool = {
  command: 'java',
  advice: 'install a Java runtime, version 11 or newer (Synthea runs on it), and try again',
};

const kept = 20;

/**
 * Runs a program to its end.
 *
 * @param onLine - gets each line of standard output.
 * @throws {@link CorpusToolMissingError}, {@link CorpusGenerationError} with the last lines the program said, or the
 *   signal's reason.
 */
export async function run(
  tool: Tool,
  args: readonly string[],
  options: { cwd: string; signal?: AbortSignal; onLine?: (line: string) => void },
): Promise<void> {
  options.signal?.throwIfAborted();
  const child = spawn(tool.command, args, {
    cwd: options.cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(options.signal && { signal: options.signal }),
  });
  const last: string[] = [];
  const note = (line: string): void => {
    last.push(line);
    if (last.length > kept) last.shift();
  };
  createInterface({ input: child.stdout }).on('line', (line) => {
    note(line);
    options.onLine?.(line);
  });
  createInterface({ input: child.stderr }).on('line', note);
  const [status] = (await once(child, 'close').catch((error: unknown) => {
    options.signal?.throwIfAborted();
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      throw new CorpusToolMissingError(tool.command, tool.advice, { cause: error });
    }
    throw error;
  })) as [number | null];
  if (status === 0) return;
  throw new CorpusGenerationError(`${tool.command} ended with status ${String(status)}:\n${last.join('\n')}`);
}
