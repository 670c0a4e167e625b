import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

/** Keys, and configurations that name passwords. */
const secretName = /(_sk|\.key|\.secret|\.sql|-server-config\.yaml)$/;

/** Writes files by their path below `folder`; keys and secrets are for their owner alone. */
export async function writeFiles(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    const file = path.join(folder, name);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, content, { mode: secretName.test(name) ? 0o600 : 0o644 });
  }
}
