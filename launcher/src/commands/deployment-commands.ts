import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { productionDescriptionFile, readNetworkDescription } from '@medigraph/network';
import { composeFile, generateCompose, provisionDeployment } from '@medigraph/network/deployment';
import { Argument, type Command } from 'commander';
import { initiateDocuments } from '../deployment/initiate-documents.js';
import { platformPrograms } from '../deployment/platform-programs.js';

const deploymentKinds = ['compose'] as const;
type DeploymentKind = (typeof deploymentKinds)[number];

const checkout = fileURLToPath(new URL('../../..', import.meta.url));

interface GenerateOptions {
  readonly network?: string;
  readonly out?: string;
  readonly print: boolean;
}

async function generate(
  kind: DeploymentKind,
  { network, out = path.join('.medigraph', kind), print }: GenerateOptions,
): Promise<void> {
  const description = await readNetworkDescription(network ?? productionDescriptionFile);
  if (print) {
    process.stdout.write(composeFile(description, platformPrograms));
    return;
  }
  const folder = path.resolve(out);
  await generateCompose(description, folder, platformPrograms, checkout);
  console.log(`Written to ${folder}. Its keys and secrets are readable to you alone; keep a copy of them.`);
  console.log(`Start with: docker compose --project-directory ${folder} up --detach --wait`);
}

/** What a network needs that runs elsewhere than in this process. */
export function addDeploymentCommands(network: Command): void {
  network
    .command('generate')
    .description('write keys, configuration and secrets of a network that others run')
    .addArgument(new Argument('<kind>', 'what runs it').choices(deploymentKinds))
    .option('--out <folder>', 'where (default: .medigraph/KIND)')
    .option(
      '--network <file>',
      'description of the network (default: the production one that Medigraph ships)',
    )
    .option('--print', 'write nothing; print what has no secrets in it', false)
    .action(generate);
  network
    .command('provision')
    .description('join the nodes of a generated network to their channels and deploy the contract suites')
    .argument('<folder>', 'that was generated')
    .action((folder: string) => provisionDeployment(path.resolve(folder)));
  network
    .command('initiate-documents')
    .description('make the document servers of a generated network one; runs beside the first of them')
    .argument('<folder>', 'that was generated')
    .action((folder: string) => initiateDocuments(path.resolve(folder)));
}
