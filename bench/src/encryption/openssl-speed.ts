import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Bytes a second that OpenSSL's own command seals with AES-256-GCM in one thread, in blocks of so many bytes. */
export async function opensslGcm(blockBytes: number, seconds: number): Promise<number> {
  const { stdout } = await run('openssl', [
    'speed',
    '-mr',
    '-seconds',
    String(seconds),
    '-bytes',
    String(blockBytes),
    '-evp',
    'aes-256-gcm',
  ]);
  const speed = /^\+F:\d+:[^:]+:([\d.]+)$/m.exec(stdout)?.[1];
  if (speed === undefined) throw new Error('openssl speed says no figure');
  return Number(speed);
}
