import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Bytes a second that OpenSSL's own command puts through an algorithm in one thread, in blocks of so many bytes. */
export async function opensslSpeed(
  algorithm: 'aes-256-gcm' | 'sha256',
  blockBytes: number,
  seconds: number,
): Promise<number> {
  const { stdout } = await run('openssl', [
    'speed',
    '-mr',
    '-seconds',
    String(seconds),
    '-bytes',
    String(blockBytes),
    '-evp',
    algorithm,
  ]);
  const speed = /^\+F:\d+:[^:]+:([\d.]+)$/m.exec(stdout)?.[1];
  if (speed === undefined) throw new Error('openssl speed says no figure');
  return Number(speed);
}
