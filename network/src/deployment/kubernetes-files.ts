import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';

/** A file that a pod mounts: its key in a ConfigMap or Secret, and where it is in the deployment's folder. */
export interface MountedFile {
  readonly key: string;
  readonly file: string;
}

/** Keys of ConfigMaps and Secrets have no slashes. */
const keyOf = (file: string): string => file.replaceAll(/[^A-Za-z0-9_.-]/g, '_');

/** Every file below these files and folders of a deployment. */
export async function mountedFiles(folder: string, names: readonly string[]): Promise<MountedFile[]> {
  const found = await Promise.all(
    names.map(async (name) => {
      if (!(await stat(path.join(folder, name))).isDirectory()) return [name];
      const entries = await readdir(path.join(folder, name), { recursive: true, withFileTypes: true });
      return entries
        .filter((entry) => entry.isFile())
        .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)));
    }),
  );
  return found
    .flat()
    .sort()
    .map((file) => ({ key: keyOf(file), file }));
}
