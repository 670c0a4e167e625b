import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { productionDescriptionFile, readNetworkDescription } from '@medigraph/network';
import {
  composeFile,
  generateCompose,
  generateKubernetes,
  provisionDeployment,
} from '@medigraph/network/deployment';
import { Argument, type Command } from 'commander';
import { initiateDocuments } from '../deployment/initiate-documents.js';
import { platformPrograms } from '../deployment/platform-programs.js';
import { CommandError } from '../errors.js';
import { stopSignal } from '../stop-signal.js';

const deploymentKinds = ['compose', 'kubernetes'] as const;
type DeploymentKind = (typeof deploymentKinds)[number];

const startCommands: Readonly<Record<DeploymentKind, (folder: string) => string>> = {
  compose: (folder) => `docker compose --project-directory ${folder} up --detach --wait`,
  kubernetes: (folder) => `kubectl apply --kustomize ${folder}`,
};

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
    if (kind !== 'compose')
      throw new CommandError('NOTHING_TO_PRINT', 'Only the compose file has no secrets in it');
    const text = composeFile(description, platformPrograms);
    // A pipe takes it in parts: the command must not end before the last.
    await new Promise((resolve) => process.stdout.write(text, resolve));
    return;
  }
  const folder = path.resolve(out);
  if (kind === 'compose') await generateCompose(description, folder, platformPrograms, checkout);
  else await generateKubernetes(description, folder, platformPrograms);
  console.log(`Written to ${folder}. Its keys and secrets are readable to you alone; keep a copy of them.`);
  console.log(`Start with: ${startCommands[kind](folder)}`);
}

/** Longer than any pod lives; a signal does not keep a process running by itself. */
const longest = 2 ** 31 - 1;

async function untilStopped(): Promise<void> {
  const timer = setInterval(() => undefined, longest);
  await stopSignal();
  clearInterval(timer);
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
    .option('--stay', 'go on running afterwards, as what runs beside a server has to in Kubernetes', false)
    .action(async (folder: string, { stay }: { readonly stay: boolean }) => {
      await initiateDocuments(path.resolve(folder));
      if (stay) await untilStopped();
    });
}
