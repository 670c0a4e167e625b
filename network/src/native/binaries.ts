import { access, constants } from 'node:fs/promises';
import path from 'node:path';
import { FabricBinariesMissingError } from './errors.js';

/** The programs of a Fabric release that a native network runs. */
export const requiredBinaries = ['peer', 'orderer'] as const;

/** Absolute path of each program. */
export type FabricBinaries = Readonly<Record<(typeof requiredBinaries)[number], string>>;

/** Path of one program, looked for in the folder `FABRIC_BIN`, then along `PATH`; undefined where it is not. */
export async function findProgram(
  name: string,
  env: Readonly<Record<string, string | undefined>> = process.env,
): Promise<string | undefined> {
  const folders = [env['FABRIC_BIN'] ?? '', ...(env['PATH'] ?? '').split(path.delimiter)].filter(Boolean);
  for (const folder of folders) {
    const file = path.resolve(folder, name);
    const executable = await access(file, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (executable) return file;
  }
  return undefined;
}

/**
 * Looks in the folder `FABRIC_BIN`, then along `PATH`.
 * @throws {@link FabricBinariesMissingError} naming every program that is not there.
 */
export async function findFabricBinaries(
  env: Readonly<Record<string, string | undefined>> = process.env,
): Promise<FabricBinaries> {
  const found = await Promise.all(
    requiredBinaries.map(async (name) => [name, await findProgram(name, env)] as const),
  );
  const missing = found.filter(([, file]) => file === undefined).map(([name]) => name);
  if (missing.length > 0) throw new FabricBinariesMissingError(missing);
  return Object.fromEntries(found) as FabricBinaries;
}
