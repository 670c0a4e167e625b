import { randomUUID } from 'node:crypto';
import { mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { CommandError } from '../errors.js';

/** Who signed in on this machine, and with what. */
const session = z.object({
  issuer: z.string(),
  clientId: z.string(),
  accessToken: z.string(),
  /** Milliseconds since the epoch. */
  expiresAt: z.number(),
  refreshToken: z.string().optional(),
  idToken: z.string().optional(),
});
export type Session = z.infer<typeof session>;

/** Where this system keeps what programs know of their user. */
function settingsFolder(env: NodeJS.ProcessEnv): string {
  if (process.platform === 'win32') return env['APPDATA'] ?? path.join(homedir(), 'AppData', 'Roaming');
  if (env['XDG_CONFIG_HOME']) return env['XDG_CONFIG_HOME'];
  return process.platform === 'darwin'
    ? path.join(homedir(), 'Library', 'Application Support')
    : path.join(homedir(), '.config');
}

/** Where the command line keeps what it knows of its user. */
export const configurationFolder = (env: NodeJS.ProcessEnv): string =>
  path.join(settingsFolder(env), 'medigraph');

const staleMs = 30_000;
const patienceMs = 20_000;
const pollMs = 50;

/** The session of the command line, in a file that its owner alone can read. */
export class SessionFile {
  readonly path: string;

  constructor(env: NodeJS.ProcessEnv = process.env) {
    this.path = path.join(configurationFolder(env), 'session.json');
  }

  /** Undefined if nobody is signed in. */
  async read(): Promise<Session | undefined> {
    const text = await readFile(this.path, 'utf8').catch(() => undefined);
    if (text === undefined) return undefined;
    try {
      return session.parse(JSON.parse(text));
    } catch (error) {
      throw new CommandError(
        'SESSION_UNREADABLE',
        `${this.path} is damaged; sign in again: medigraph login`,
        {
          cause: error,
        },
      );
    }
  }

  async write(value: Session): Promise<void> {
    await mkdir(path.dirname(this.path), { recursive: true, mode: 0o700 });
    const temporary = `${this.path}.${randomUUID()}`;
    const handle = await open(temporary, 'wx', 0o600);
    try {
      await handle.writeFile(JSON.stringify(value, undefined, 2));
    } finally {
      await handle.close();
    }
    await rename(temporary, this.path);
  }

  async remove(): Promise<void> {
    await rm(this.path, { force: true });
  }

  /**
   * Runs a task while no other command of this user does: a refresh token that two of them use ends the session.
   * @throws `SESSION_BUSY` if another takes too long.
   */
  async exclusively<T>(task: () => Promise<T>): Promise<T> {
    const lock = `${this.path}.lock`;
    await mkdir(path.dirname(this.path), { recursive: true, mode: 0o700 });
    const deadline = performance.now() + patienceMs;
    while (!(await taken(lock))) {
      if (performance.now() > deadline)
        throw new CommandError('SESSION_BUSY', `Another command holds ${lock}; remove it if none runs`);
      await delay(pollMs);
    }
    try {
      return await task();
    } finally {
      await rm(lock, { force: true });
    }
  }
}

/** Takes the lock, also from a process that died with it; false if another has it. */
async function taken(lock: string): Promise<boolean> {
  try {
    await (await open(lock, 'wx', 0o600)).close();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    const found = await stat(lock).catch(() => undefined);
    if (found && Date.now() - found.mtimeMs > staleMs) await rm(lock, { force: true });
    return false;
  }
}
