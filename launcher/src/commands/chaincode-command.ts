import { readFile, writeFile } from 'node:fs/promises';
import {
  type ChaincodeDefinition,
  ChannelLifecycle,
  collectionsOf,
  packageService,
  PeerAdmin,
  readCollectionFile,
} from '@medigraph/network/admin';
import { type Command, InvalidArgumentError } from 'commander';
import { type AdministratorOptions, asAdministrator } from '../chaincode/administrator.js';
import { CommandError } from '../errors.js';

interface ChannelOptions extends AdministratorOptions {
  readonly channel: string;
}

interface DefinitionOptions extends ChannelOptions {
  readonly definition: string;
  readonly sequence: number;
  readonly policy?: string;
  readonly collections?: string;
  readonly initRequired?: true;
}

interface PackageOptions {
  readonly address: string;
  readonly output: string;
  readonly tlsRoot?: string;
}

const read = (file: string): Promise<Buffer> =>
  readFile(file).catch((error: unknown) => {
    throw new CommandError('FILE_UNREADABLE', `${file} cannot be read: ${(error as Error).message}`);
  });

const text = async (file: string) => (await read(file)).toString();

function sequenceNumber(argument: string): number {
  if (!/^[1-9]\d{0,8}$/.test(argument)) throw new InvalidArgumentError('must be a number, 1 or more.');
  return Number(argument);
}

async function definitionOf(name: string, options: DefinitionOptions): Promise<ChaincodeDefinition> {
  const { definition: version, sequence, policy, collections, initRequired } = options;
  return {
    name,
    version,
    sequence,
    ...(policy !== undefined && { endorsementPolicy: policy }),
    ...(collections !== undefined && {
      collections: collectionsOf(readCollectionFile(await text(collections))),
    }),
    ...(initRequired && { initRequired }),
  };
}

const onChannel = <T>(
  options: ChannelOptions,
  act: (lifecycle: ChannelLifecycle) => Promise<T>,
): Promise<T> =>
  asAdministrator(options, (connection) => act(new ChannelLifecycle(connection, options.channel)));

const onPeer = <T>(options: AdministratorOptions, act: (admin: PeerAdmin) => Promise<T>): Promise<T> =>
  asAdministrator(options, (connection) => act(new PeerAdmin(connection)));

async function makePackage(label: string, { address, output, tlsRoot }: PackageOptions): Promise<void> {
  const authority = tlsRoot === undefined ? undefined : await text(tlsRoot);
  const { id, content } = await packageService(label, address, authority);
  await writeFile(output, content);
  console.log(id);
}

async function install(file: string, options: AdministratorOptions): Promise<void> {
  const content = await read(file);
  console.log(await onPeer(options, (admin) => admin.install(content)));
}

async function installed(options: AdministratorOptions): Promise<void> {
  for (const { packageId, references } of await onPeer(options, (admin) => admin.queryInstalled())) {
    console.log(packageId);
    for (const [channel, using] of Object.entries(references))
      for (const { name, version } of using) console.log(`  runs ${name} ${version} on ${channel}`);
  }
}

async function fetchPackage(
  packageId: string,
  { output, ...options }: AdministratorOptions & { readonly output: string },
): Promise<void> {
  await writeFile(output, await onPeer(options, (admin) => admin.installedPackage(packageId)));
  console.log(`${packageId} is in ${output}`);
}

async function approve(
  name: string,
  options: DefinitionOptions & { readonly package?: string },
): Promise<void> {
  const definition = await definitionOf(name, options);
  await onChannel(options, (lifecycle) => lifecycle.approve(definition, options.package));
  console.log(
    `${options.organization} approves ${name} ${definition.version}, sequence ${definition.sequence}`,
  );
}

async function readiness(name: string, options: DefinitionOptions): Promise<void> {
  const definition = await definitionOf(name, options);
  const found = await onChannel(options, (lifecycle) => lifecycle.checkCommitReadiness(definition));
  for (const [mspId, { approved, mismatches }] of [...found].sort(([a], [b]) => (a < b ? -1 : 1)))
    console.log(
      approved ? `${mspId}  approved` : `${mspId}  not approved (${mismatches.join(', ')} differs)`,
    );
}

async function commit(name: string, options: DefinitionOptions): Promise<void> {
  const definition = await definitionOf(name, options);
  await onChannel(options, (lifecycle) => lifecycle.commit(definition));
  console.log(`${options.channel} runs ${name} ${definition.version}, sequence ${definition.sequence}`);
}

async function committed(name: string | undefined, options: ChannelOptions): Promise<void> {
  await onChannel(options, async (lifecycle) => {
    const names = name === undefined ? [...(await lifecycle.queryAllCommitted()).keys()].sort() : [name];
    for (const each of names) {
      const { version, sequence, initRequired, approvals } = await lifecycle.queryCommitted(each);
      const approving = Object.keys(approvals).filter((mspId) => approvals[mspId]);
      console.log(`${each} ${version}, sequence ${sequence}${initRequired ? ', must be initialized' : ''}`);
      console.log(`  approved by ${approving.sort().join(', ') || 'nobody'}`);
    }
  });
}

async function approved(
  name: string,
  { sequence, ...options }: ChannelOptions & { readonly sequence?: number },
): Promise<void> {
  const found = await onChannel(options, (lifecycle) => lifecycle.queryApproved(name, sequence));
  if (found === undefined)
    throw new CommandError(
      'NOT_APPROVED',
      `${options.organization} has not approved ${name}${sequence === undefined ? '' : ` of sequence ${sequence}`} on ${options.channel}`,
    );
  console.log(
    `${name} ${found.version}, sequence ${found.sequence}, from ${found.packageId ?? 'no package'}`,
  );
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
    .action(makePackage);
  administrated('install <file>', 'install a package on a peer, and print its id').action(install);
  administrated('installed', 'list the packages of a peer, and what runs from them').action(installed);
  administrated('fetch <packageId>', 'get a package back from a peer')
    .requiredOption('--output <file>', 'where to write it')
    .action(fetchPackage);
  defining('approve <name>', 'approve a definition for the organisation')
    .option(
      '--package <packageId>',
      'installed package that runs it (default: the organisation does not run it)',
    )
    .action(approve);
  ofChannel('approved <name>', 'show what the organisation has approved')
    .option('--sequence <number>', 'of this sequence (default: the latest)', sequenceNumber)
    .action(approved);
  defining('readiness <name>', 'show which organisations have approved a definition').action(readiness);
  defining('commit <name>', 'commit a definition that enough organisations have approved').action(commit);
  ofChannel('committed [name]', 'show what the channel has committed').action(committed);
}
