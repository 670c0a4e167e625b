/** A version of a DApp on its channel, as far as the organisations that a steward acts for go. */
import {
  type ChaincodeDefinition,
  type ChaincodePackage,
  ChannelLifecycle,
  PeerAdmin,
  type PeerConnection,
  validationParameterOf,
} from '@medigraph/network/admin';
import { type registry } from '@medigraph/schema';
import { chaincodeOf } from '@medigraph/schema/dapps';

/** An organisation with an administrator at each of its peers. */
export interface Administration {
  readonly mspId: string;
  readonly administrators: readonly PeerConnection[];
}

/** What the lifecycle's version says: which bytes an organisation approves. */
export const definitionVersion = ({ version, package: { sha256 } }: registry.DAppRelease): string =>
  `${version}.${sha256}`;

/** Installs on peers that do not have it. */
async function install({ administrators }: Administration, { id, content }: ChaincodePackage): Promise<void> {
  await Promise.all(
    administrators.map(async (connection) => {
      const admin = new PeerAdmin(connection);
      const installed = await admin.queryInstalled();
      if (!installed.some(({ packageId }) => packageId === id)) await admin.install(content);
    }),
  );
}

/**
 * Installs and approves for organisations, and commits once enough of the channel's approve. May be tried again after a failure.
 * @returns Whether the channel has committed it.
 */
export async function bringToChannel(
  release: registry.DAppRelease,
  chaincode: ChaincodePackage,
  organizations: readonly Administration[],
): Promise<boolean> {
  const { manifest } = release;
  const [first] = organizations.flatMap(({ administrators }) => administrators);
  if (first === undefined) return false;
  const name = chaincodeOf(release.dapp);
  const lifecycle = new ChannelLifecycle(first, manifest.channel);
  const present = (await lifecycle.queryAllCommitted()).get(name);
  const { endorsementPolicy } = manifest;
  const version = definitionVersion(release);
  const runs =
    present?.version === version &&
    Buffer.compare(present.validationParameter, validationParameterOf(endorsementPolicy)) === 0;
  // A version that runs was committed before: another one there is what follows it, and is not to be undone.
  if (release.status === 'active' && !runs) return false;
  const sequence = runs ? present.sequence : (present?.sequence ?? 0) + 1;
  const definition = {
    name,
    version,
    sequence,
    ...(endorsementPolicy !== undefined && { endorsementPolicy }),
  };
  await Promise.all(
    organizations.map(async (organization) => {
      await install(organization, chaincode);
      await approve(organization, definition, manifest.channel, chaincode.id);
    }),
  );
  return runs || commitIfReady(lifecycle, definition);
}

async function approve(
  { administrators: [administrator] }: Administration,
  definition: ChaincodeDefinition,
  channel: string,
  packageId: string,
): Promise<void> {
  if (administrator === undefined) return;
  const lifecycle = new ChannelLifecycle(administrator, channel);
  const approved = await lifecycle.queryApproved(definition.name, definition.sequence);
  if (approved?.version === definition.version && approved.packageId === packageId) return;
  await lifecycle.approve(definition, packageId);
}

/** Fabric's own rule for a channel's lifecycle: the majority of its organisations. */
async function commitIfReady(lifecycle: ChannelLifecycle, definition: ChaincodeDefinition): Promise<boolean> {
  const readiness = [...(await lifecycle.checkCommitReadiness(definition))];
  const approving = readiness.filter(([, { approved }]) => approved).map(([mspId]) => mspId);
  if (approving.length * 2 <= readiness.length) return false;
  await lifecycle.commit(definition, approving);
  return true;
}
