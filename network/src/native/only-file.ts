import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { NativeConfigurationError } from './errors.js';

/**
 * The one file of a folder whose name ends so; MSP folders hold one certificate and one key under names that differ by maker.
 * @throws {@link NativeConfigurationError} if there is none, or more than one.
 */
export async function onlyFile(folder: string, suffix = ''): Promise<string> {
  const names = (await readdir(folder)).filter((name) => name.endsWith(suffix));
  const [name] = names;
  if (name !== undefined && names.length === 1) return path.join(folder, name);
  throw new NativeConfigurationError(
    `One file${suffix && ` *${suffix}`} is expected in ${folder}, found ${names.length}.`,
  );
}
