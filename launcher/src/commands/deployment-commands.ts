import { Argument, type Command } from 'commander';
import { type DeploymentKind, type GenerateOptions } from '../deployment/actions.js';

/** Loaded when one of them is called, so that other commands start without what these need. */
const actions = () => import('../deployment/actions.js');

/** What a network needs that runs elsewhere than in this process. */
export function addDeploymentCommands(network: Command): void {
  network
    .command('generate')
    .description('write keys, configuration and secrets of a network that others run')
    .addArgument(
      new Argument('<kind>', 'what runs it').choices(['compose', 'kubernetes'] satisfies DeploymentKind[]),
    )
    .option('--out <folder>', 'where (default: .medigraph/KIND)')
    .option(
      '--network <file>',
      'description of the network (default: the production one that Medigraph ships)',
    )
    .option('--print', 'write nothing; print what has no secrets in it', false)
    .action(async (kind: DeploymentKind, options: GenerateOptions) =>
      (await actions()).generate(kind, options),
    );
  network
    .command('provision')
    .description('join the nodes of a generated network to their channels and deploy the contract suites')
    .argument('<folder>', 'that was generated')
    .action(async (folder: string) => (await actions()).provision(folder));
  network
    .command('initiate-documents')
    .description('make the document servers of a generated network one; runs beside the first of them')
    .argument('<folder>', 'that was generated')
    .option('--stay', 'go on running afterwards, as what runs beside a server has to in Kubernetes', false)
    .action(async (folder: string, options: { readonly stay: boolean }) =>
      (await actions()).initiate(folder, options),
    );
}
