import { readFile, writeFile } from 'node:fs/promises';
import {
  type ChaincodeDefinition,
  ChannelLifecycle,
  collectionsOf,
  packageService,
  PeerAdmin,
  readCollectionFile,
} from '@medigraph/network/admin';
import { type AdministratorOptions, asAdministrator } from './administrator.js';
import { CommandError } from '../errors.js';

export interface ChannelOptions extends AdministratorOptions {
  readonly channel: string;
}

export interface DefinitionOptions extends ChannelOptions {
  readonly definition: string;
  readonly sequence: number;
  readonly policy?: string;
  readonly collections?: string;
  readonly initRequired?: true;
}

export interface ApprovalOptions extends DefinitionOptions {
  readonly package?: string;
}

export interface ApprovedOptions extends ChannelOptions {
  readonly sequence?: number;
}

export interface FetchOptions extends AdministratorOptions {
  readonly output: string;
}

export interface PackageOptions {
  readonly address: string;
  readonly output: string;
  readonly tlsRoot?: string;
}

const read = (file: string): Promise<Buffer> =>
  readFile(file).catch((error: unknown) => {
    throw new CommandError('FILE_UNREADABLE', `${file} cannot be read: ${(error as Error).message}`);
  });

const text = async (file: string) => (await read(file)).toString();

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

export async function makePackage(
  label: string,
  { address, output, tlsRoot }: PackageOptions,
): Promise<void> {
  const authority = tlsRoot === undefined ? undefined : await text(tlsRoot);
  const { id, content } = await packageService(label, address, authority);
  await writeFile(output, content);
  console.log(id);
}

export async function install(file: string, options: AdministratorOptions): Promise<void> {
  const content = await read(file);
  console.log(await onPeer(options, (admin) => admin.install(content)));
}

export async function installed(options: AdministratorOptions): Promise<void> {
  for (const { packageId, references } of await onPeer(options, (admin) => admin.queryInstalled())) {
    console.log(packageId);
    for (const [channel, using] of Object.entries(references))
      for (const { name, version } of using) console.log(`  runs ${name} ${version} on ${channel}`);
  }
}

export async function fetchPackage(packageId: string, { output, ...options }: FetchOptions): Promise<void> {
  await writeFile(output, await onPeer(options, (admin) => admin.installedPackage(packageId)));
  console.log(`${packageId} is in ${output}`);
}

export async function approve(name: string, options: ApprovalOptions): Promise<void> {
  const definition = await definitionOf(name, options);
  await onChannel(options, (lifecycle) => lifecycle.approve(definition, options.package));
  console.log(
    `${options.organization} approves ${name} ${definition.version}, sequence ${definition.sequence}`,
  );
}

export async function readiness(name: string, options: DefinitionOptions): Promise<void> {
  const definition = await definitionOf(name, options);
  const found = await onChannel(options, (lifecycle) => lifecycle.checkCommitReadiness(definition));
  for (const [mspId, { approved, mismatches }] of [...found].sort(([a], [b]) => (a < b ? -1 : 1)))
    console.log(
      approved ? `${mspId}  approved` : `${mspId}  not approved (${mismatches.join(', ')} differs)`,
    );
}

export async function commit(name: string, options: DefinitionOptions): Promise<void> {
  const definition = await definitionOf(name, options);
  await onChannel(options, (lifecycle) => lifecycle.commit(definition));
  console.log(`${options.channel} runs ${name} ${definition.version}, sequence ${definition.sequence}`);
}

export async function committed(name: string | undefined, options: ChannelOptions): Promise<void> {
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

export async function approved(name: string, { sequence, ...options }: ApprovedOptions): Promise<void> {
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
