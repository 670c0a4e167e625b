import { refuses, reviewPackage } from '@medigraph/dapp-review';
import { type Finding } from '@medigraph/schema/dapps';
import { type Command } from 'commander';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { outputFolder } from '../build/dapp-folder.js';
import { packageFiles, packDApp } from '../build/pack.js';
import { CommandFailure } from '../command-failure.js';
import { createDApp } from '../templates/create-dapp.js';

interface FolderOptions {
  readonly folder: string;
}

const print = (line: string) => process.stdout.write(`${line}\n`);

const described = ({ severity, code, message, location }: Finding): string =>
  `${severity.padEnd(7)} ${code}${location === undefined ? '' : ` at ${location}`}\n        ${message}`;

async function create(
  id: string,
  options: { template: string; publisher: string; parent: string },
): Promise<void> {
  const folder = await createDApp({ id, ...options });
  print(`${folder}\nNext: cd ${path.relative('', folder) || '.'} && npm install && medigraph dapp test`);
}

async function check({ folder }: FolderOptions): Promise<void> {
  const { manifest, files } = await packageFiles(folder);
  const findings = await reviewPackage(files);
  for (const finding of findings) print(described(finding));
  if (refuses(findings))
    throw new CommandFailure('CHECKS_FAILED', `${manifest.id} ${manifest.version} would be refused`);
  print(`${manifest.id} ${manifest.version} passes`);
}

async function pack({ folder, output }: FolderOptions & { readonly output?: string }): Promise<void> {
  const { manifest, archive, sha256 } = await packDApp(folder);
  const file = path.resolve(
    output ?? path.join(folder, outputFolder, `${manifest.id}-${manifest.version}.tgz`),
  );
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, archive);
  print(`${file}\nsha256 ${sha256}, ${archive.byteLength} bytes`);
}

/** Commands that need no platform. */
export function addBuildCommands(dapp: Command): void {
  dapp
    .command('create <name>')
    .description('make the folder of a new DApp')
    .option('--template <name>', 'what it begins as: basic or appointments', 'basic')
    .option('--publisher <id>', 'who publishes it', 'my-organization')
    .option('--parent <folder>', 'where its folder is made', '.')
    .action(create);
  const inFolder = (name: string, description: string) =>
    dapp.command(name).description(description).option('--folder <folder>', 'folder of the DApp', '.');
  inFolder('check', 'say what a review of its package would find').action(check);
  inFolder('pack', 'make the archive that is published')
    .option('--output <file>', 'where it goes (default: build/NAME-VERSION.tgz)')
    .action(pack);
}
