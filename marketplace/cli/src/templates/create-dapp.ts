import { dappId, graphNamespace } from '@medigraph/schema/dapps';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { CommandFailure } from '../command-failure.js';

const templates = fileURLToPath(new URL('../../templates/', import.meta.url));
/** So that what is in templates is no source of ours. */
const suffix = '.template';
/** The kit, in the checkout or the image that the command is in. */
const kit = fileURLToPath(new URL('../../../sdk', import.meta.url));

export interface NewDApp {
  readonly id: string;
  readonly publisher: string;
  readonly template: string;
  /** Where its folder is made. */
  readonly parent: string;
}

export async function templateNames(): Promise<string[]> {
  const entries = await readdir(templates, { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort();
}

const titled = (id: string) =>
  id
    .split('-')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join(' ');

/**
 * Makes the folder of a new DApp from a template.
 * @returns path of the folder.
 * @throws {@link CommandFailure} `DAPP_ID_INVALID`, `TEMPLATE_UNKNOWN`, `FOLDER_NOT_EMPTY`.
 */
export async function createDApp({ id, publisher, template, parent }: NewDApp): Promise<string> {
  const parsed = dappId.safeParse(id);
  if (!parsed.success)
    throw new CommandFailure(
      'DAPP_ID_INVALID',
      `${id} ${parsed.error.issues[0]?.message ?? 'is no id of a DApp'}`,
    );
  const known = await templateNames();
  if (!known.includes(template))
    throw new CommandFailure('TEMPLATE_UNKNOWN', `there is no template ${template}, but ${known.join(', ')}`);
  const folder = path.resolve(parent, id);
  const there = await readdir(folder).catch(() => []);
  if (there.length > 0) throw new CommandFailure('FOLDER_NOT_EMPTY', `${folder} has files already`);
  const values: Readonly<Record<string, string>> = {
    id,
    title: titled(id),
    publisher,
    field: graphNamespace(id).field,
    kit: path.relative(folder, kit).split(path.sep).join('/'),
  };
  const source = path.join(templates, template);
  for (const entry of await readdir(source, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = path.join(entry.parentPath, entry.name);
    const content = (await readFile(file, 'utf8')).replace(
      /\{\{(\w+)\}\}/g,
      (_, name: string) => values[name] ?? '',
    );
    const target = path.join(folder, path.relative(source, file).replace(suffix, ''));
    await mkdir(path.dirname(target), { recursive: true });
    await writeFile(target, content);
  }
  return folder;
}
