import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { productionDescriptionFile, readNetworkDescription } from '@medigraph/network';
import {
  composeFile,
  generateCompose,
  generateKubernetes,
  provisionDeployment,
} from '@medigraph/network/deployment';
import { initiateDocuments } from './initiate-documents.js';
import { platformPrograms } from './platform-programs.js';
import { CommandError } from '../errors.js';
import { stopSignal } from '../stop-signal.js';

export type DeploymentKind = 'compose' | 'kubernetes';

const startCommands: Readonly<Record<DeploymentKind, (folder: string) => string>> = {
  compose: (folder) => `docker compose --project-directory ${folder} up --detach --wait`,
  kubernetes: (folder) => `kubectl apply --kustomize ${folder}`,
};

const checkout = fileURLToPath(new URL('../../..', import.meta.url));

export interface GenerateOptions {
  readonly network?: string;
  readonly out?: string;
  readonly print: boolean;
}

export async function generate(
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

export const provision = (folder: string): Promise<void> => provisionDeployment(path.resolve(folder));

/** @param stay - goes on running afterwards, as what runs beside a server has to in Kubernetes */
export async function initiate(folder: string, { stay }: { readonly stay: boolean }): Promise<void> {
  await initiateDocuments(path.resolve(folder));
  if (stay) await untilStopped();
}
