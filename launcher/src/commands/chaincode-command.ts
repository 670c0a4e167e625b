import { type Command, InvalidArgumentError } from 'commander';
import type {
  ApprovalOptions,
  ApprovedOptions,
  ChannelOptions,
  DefinitionOptions,
  FetchOptions,
  PackageOptions,
} from '../chaincode/actions.js';
import { type AdministratorOptions } from '../chaincode/administrator.js';

/** Loaded when one of them is called, so that other commands start without what these need. */
const actions = () => import('../chaincode/actions.js');

function sequenceNumber(argument: string): number {
  if (!/^[1-9]\d{0,8}$/.test(argument)) throw new InvalidArgumentError('must be a number, 1 or more.');
  return Number(argument);
}

export function addChaincodeCommand(program: Command): void {
  const chaincode = program
    .command('chaincode')
    .description('package, install, approve and commit chaincode, on the embedded network or a real one');
  const administrated = (signature: string, description: string) => {
    const profile = process.env['MEDIGRAPH_CONNECTION_PROFILE'];
    return chaincode
      .command(signature)
      .description(description)
      .requiredOption(
        '--profile <file>',
        'connection profile of the network (MEDIGRAPH_CONNECTION_PROFILE)',
        profile,
      )
      .requiredOption('--organization <mspId>', 'organisation to act for')
      .requiredOption('--admin <folder>', 'MSP folder of one of its administrators')
      .option('--peer <address>', "one of its peers (default: the profile's first)");
  };
  const ofChannel = (signature: string, description: string) =>
    administrated(signature, description).requiredOption('--channel <name>', 'channel');
  const defining = (signature: string, description: string) =>
    ofChannel(signature, description)
      .requiredOption('--definition <version>', 'version of the definition')
      .requiredOption('--sequence <number>', 'sequence of the definition', sequenceNumber)
      .option('--policy <policy>', "who must endorse: AND('A.peer', …) or a policy of the channel")
      .option('--collections <file>', 'private data collections, as JSON')
      .option('--init-required', 'its first call must be one as init');

  chaincode
    .command('package <label>')
    .description('make the package of a chaincode that runs as a service, and print its id')
    .requiredOption('--address <address>', 'host:port at which it serves')
    .requiredOption('--output <file>', 'where to write the package (.tar.gz)')
    .option('--tls-root <file>', 'authority of its TLS certificate, if it speaks TLS')
    .action(async (label: string, options: PackageOptions) => (await actions()).makePackage(label, options));
  administrated('install <file>', 'install a package on a peer, and print its id').action(
    async (file: string, options: AdministratorOptions) => (await actions()).install(file, options),
  );
  administrated('installed', 'list the packages of a peer, and what runs from them').action(
    async (options: AdministratorOptions) => (await actions()).installed(options),
  );
  administrated('fetch <packageId>', 'get a package back from a peer')
    .requiredOption('--output <file>', 'where to write it')
    .action(async (packageId: string, options: FetchOptions) =>
      (await actions()).fetchPackage(packageId, options),
    );
  defining('approve <name>', 'approve a definition for the organisation')
    .option(
      '--package <packageId>',
      'installed package that runs it (default: the organisation does not run it)',
    )
    .action(async (name: string, options: ApprovalOptions) => (await actions()).approve(name, options));
  ofChannel('approved <name>', 'show what the organisation has approved')
    .option('--sequence <number>', 'of this sequence (default: the latest)', sequenceNumber)
    .action(async (name: string, options: ApprovedOptions) => (await actions()).approved(name, options));
  defining('readiness <name>', 'show which organisations have approved a definition').action(
    async (name: string, options: DefinitionOptions) => (await actions()).readiness(name, options),
  );
  defining('commit <name>', 'commit a definition that enough organisations have approved').action(
    async (name: string, options: DefinitionOptions) => (await actions()).commit(name, options),
  );
  ofChannel('committed [name]', 'show what the channel has committed').action(
    async (name: string | undefined, options: ChannelOptions) => (await actions()).committed(name, options),
  );
}
