import { type ChaincodeDefinition, validationParameterOf } from './chaincode-definition.js';
import { type ChaincodePackage } from './chaincode-package.js';
import { ChannelLifecycle } from './channel-lifecycle.js';
import { type PeerConnection } from './peer-connection.js';

/** An administrator of an organisation, connected to one of its peers. */
export interface Administrator {
  readonly mspId: string;
  readonly connection: PeerConnection;
}

/** A chaincode as a channel should have it. */
export interface Deployment {
  readonly channel: string;
  readonly chaincode: string;
  readonly endorsementPolicy: string;
  readonly package: ChaincodePackage;
}

const equal = (a: Uint8Array, b: Uint8Array) => Buffer.compare(a, b) === 0;

/**
 * Brings the channel's definition to what is wanted: every member approves, then it is committed. A definition that is
 * already so is left alone; one with another policy becomes the next sequence; a member that runs it from another package
 * approves it anew. May be tried again after a failure.
 * @param members - an administrator of each organisation of the channel; each has the package installed
 */
export async function deploy(deployment: Deployment, members: readonly Administrator[]): Promise<void> {
  const { channel, chaincode: name, endorsementPolicy } = deployment;
  const lifecycles = members.map(({ connection }) => new ChannelLifecycle(connection, channel));
  const [first] = lifecycles;
  if (!first) return;
  const present = (await first.queryAllCommitted()).get(name);
  const wanted = validationParameterOf(endorsementPolicy);
  const upToDate = present !== undefined && equal(present.validationParameter, wanted);
  const sequence = upToDate ? present.sequence : (present?.sequence ?? 0) + 1;
  const version = upToDate ? present.version : `${sequence}`;
  const definition: ChaincodeDefinition = { name, version, sequence, endorsementPolicy };
  await Promise.all(lifecycles.map((lifecycle) => approve(lifecycle, definition, deployment.package.id)));
  if (upToDate) return;
  await first.commit(
    definition,
    members.map(({ mspId }) => mspId),
  );
}

/** Approves unless that is done. */
async function approve(
  lifecycle: ChannelLifecycle,
  definition: ChaincodeDefinition,
  packageId: string,
): Promise<void> {
  const approved = await lifecycle.queryApproved(definition.name, definition.sequence);
  const same =
    approved?.packageId === packageId &&
    approved.version === definition.version &&
    equal(approved.validationParameter, validationParameterOf(definition.endorsementPolicy));
  if (!same) await lifecycle.approve(definition, packageId);
}
