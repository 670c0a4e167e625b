import { type Command } from 'commander';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { DAppFolder, outputFolder } from '../build/dapp-folder.js';
import { readDAppSchema } from '../client/dapp-schema.js';
import { generateClient } from '../client/generate-client.js';
import { referenceOf } from '../client/reference.js';
import { type GraphOptions } from '../graph-access.js';
import { platformCommands } from './platform-commands.js';
import { type PublishCommandOptions } from './publish-commands.js';

interface ClientOptions extends GraphOptions {
  readonly folder: string;
  readonly output?: string;
}

/** Commands that read what a DApp has in a graph in which it runs, as `dapp dev` has one. */
export function addClientCommands(dapp: Command, { data, openGraph }: PublishCommandOptions): void {
  const onPlatform = platformCommands(dapp, data);
  const writing = (
    name: string,
    description: string,
    fileOf: (id: string) => string,
    make: (folder: DAppFolder, options: ClientOptions) => Promise<string>,
  ) =>
    onPlatform(name, description)
      .option('--folder <folder>', 'folder of the DApp', '.')
      .option('--output <file>', `where it goes (default: ${outputFolder}/${fileOf('NAME')})`)
      .action(async (options: ClientOptions) => {
        const folder = new DAppFolder(options.folder);
        const { id } = await folder.manifest();
        const file = path.resolve(options.output ?? path.join(folder.path, outputFolder, fileOf(id)));
        const text = await make(folder, options);
        await mkdir(path.dirname(file), { recursive: true });
        await writeFile(file, text);
        process.stdout.write(`${file}\n`);
      });
  writing(
    'client',
    'make a typed client of the DApp, in TypeScript',
    (id) => `${id}-client.ts`,
    async (folder, options) => {
      const { id } = await folder.manifest();
      return generateClient(await readDAppSchema(await openGraph(options), id));
    },
  );
  writing(
    'reference',
    'make a reference of what the DApp has in the graph, in Markdown',
    (id) => `${id}.md`,
    async (folder, options) => {
      const manifest = await folder.manifest();
      return referenceOf(manifest, await readDAppSchema(await openGraph(options), manifest.id));
    },
  );
}
