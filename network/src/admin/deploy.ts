import { type CollectionDescription } from '../description.js';
import {
  type ChaincodeDefinition,
  type KnownDefinition,
  validationParameterOf,
} from './chaincode-definition.js';
import { type ChaincodePackage } from './chaincode-package.js';
import { ChannelLifecycle } from './channel-lifecycle.js';
import { collectionsOf } from './collections.js';
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
  readonly collections?: readonly CollectionDescription[];
  readonly package: ChaincodePackage;
}

const equal = (a: Uint8Array, b: Uint8Array) => Buffer.compare(a, b) === 0;

/**
 * Brings the channel's definition to what is wanted: every member approves, then it is committed. A definition that is
 * already so is left alone; one with another policy or other collections becomes the next sequence; a member that runs it from another package
 * approves it anew. May be tried again after a failure.
 * @param members - an administrator of each organisation of the channel; each has the package installed
 * @param onStep - hears what is done
 */
export async function deploy(
  deployment: Deployment,
  members: readonly Administrator[],
  onStep: (what: string) => void = () => undefined,
): Promise<void> {
  const { channel, chaincode: name, endorsementPolicy, collections = [] } = deployment;
  const lifecycles = members.map(({ connection }) => new ChannelLifecycle(connection, channel));
  const [first] = lifecycles;
  if (!first) return;
  const present = (await first.queryAllCommitted()).get(name);
  const wanted = {
    endorsementPolicy,
    ...(collections.length > 0 && { collections: collectionsOf(collections) }),
  };
  const upToDate = present !== undefined && isSame(present, wanted);
  const sequence = upToDate ? present.sequence : (present?.sequence ?? 0) + 1;
  const version = upToDate ? present.version : `${sequence}`;
  const definition: ChaincodeDefinition = { name, version, sequence, ...wanted };
  await Promise.all(
    lifecycles.map(async (lifecycle, index) => {
      if (await approve(lifecycle, definition, deployment.package.id))
        onStep(`${channel}: ${members[index]?.mspId ?? ''} approves ${name}, sequence ${sequence}`);
    }),
  );
  if (upToDate) return;
  await first.commit(
    definition,
    members.map(({ mspId }) => mspId),
  );
  onStep(`${channel}: runs ${name}, sequence ${sequence}`);
}

type Agreement = Pick<ChaincodeDefinition, 'endorsementPolicy' | 'collections'>;

const isSame = (known: KnownDefinition, wanted: Agreement): boolean =>
  equal(known.validationParameter, validationParameterOf(wanted.endorsementPolicy)) &&
  equal(
    known.collections?.serializeBinary() ?? new Uint8Array(),
    wanted.collections?.serializeBinary() ?? new Uint8Array(),
  );

/** Approves unless that is done; answers whether it did. */
async function approve(
  lifecycle: ChannelLifecycle,
  definition: ChaincodeDefinition,
  packageId: string,
): Promise<boolean> {
  const approved = await lifecycle.queryApproved(definition.name, definition.sequence);
  const same =
    approved?.packageId === packageId &&
    approved.version === definition.version &&
    isSame(approved, definition);
  if (!same) await lifecycle.approve(definition, packageId);
  return !same;
}
