/** Files that are there whole or not at all, also after a power cut. */
import { randomUUID } from 'node:crypto';
import { link, mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';

const ownerOnly = 0o600;

const isCode = (error: unknown, code: string): boolean =>
  typeof error === 'object' && error !== null && 'code' in error && error.code === code;

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function writeTemporary(file: string, content: Uint8Array): Promise<string> {
  await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
  const temporary = `${file}.${randomUUID()}.tmp`;
  const handle = await open(temporary, 'wx', ownerOnly);
  try {
    await handle.writeFile(content);
    await handle.sync();
  } finally {
    await handle.close();
  }
  return temporary;
}

export async function readFileIfThere(file: string): Promise<Buffer | undefined> {
  try {
    return await readFile(file);
  } catch (error) {
    if (isCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

/** A word that is another one once the file was replaced; empty if there is no file. */
export async function fileState(file: string): Promise<string> {
  try {
    const { ino, mtimeNs, size } = await stat(file, { bigint: true });
    return `${ino}-${mtimeNs}-${size}`;
  } catch (error) {
    if (isCode(error, 'ENOENT')) return '';
    throw error;
  }
}

/** Writes the file, or replaces the one there is. */
export async function replaceFile(file: string, content: Uint8Array): Promise<void> {
  const temporary = await writeTemporary(file, content);
  await rename(temporary, file);
  await syncFolder(path.dirname(file));
}

/** Removes the file, if there is one. */
export async function removeFile(file: string): Promise<void> {
  await rm(file, { force: true });
  try {
    await syncFolder(path.dirname(file));
  } catch (error) {
    // Without its folder there is no file either.
    if (!isCode(error, 'ENOENT')) throw error;
  }
}

/** Writes the file unless there is one, also if several processes try at once; says whether it did. */
export async function createFileOnce(file: string, content: Uint8Array): Promise<boolean> {
  if ((await readFileIfThere(file)) !== undefined) return false;
  const temporary = await writeTemporary(file, content);
  try {
    // Unlike rename, link refuses to take the place of a file.
    await link(temporary, file);
    await syncFolder(path.dirname(file));
    return true;
  } catch (error) {
    if (isCode(error, 'EEXIST')) return false;
    throw error;
  } finally {
    await rm(temporary, { force: true });
  }
}
