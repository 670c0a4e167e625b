import { type CollectionDescription } from '../description.js';
import { type ChaincodePackage } from './chaincode-package.js';
import { type ChaincodeDefinition, ChannelLifecycle, validationParameterOf } from './lifecycle.js';
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
  readonly collections: readonly CollectionDescription[];
  readonly package: ChaincodePackage;
}

const equal = (a: Uint8Array, b: Uint8Array) => Buffer.compare(a, b) === 0;

/**
 * Brings the channel's definition to what is wanted: every member approves, then it is committed. A definition that is
 * already so is left alone; one with another policy or other collections becomes the next sequence. May be tried again after a failure.
 * @param members - an administrator of each organisation of the channel; each has the package installed
 */
export async function deploy(deployment: Deployment, members: readonly Administrator[]): Promise<void> {
  const { channel, chaincode, endorsementPolicy, collections } = deployment;
  const [first] = members;
  if (!first) return;
  const lifecycle = new ChannelLifecycle(first.connection, channel, first.mspId);
  const present = (await lifecycle.committed()).get(chaincode);
  if (
    present &&
    equal(present.validationParameter, validationParameterOf(endorsementPolicy)) &&
    equal(present.collections, collectionsOf(collections).serializeBinary())
  )
    return;
  const sequence = (present?.sequence ?? 0) + 1;
  const definition: ChaincodeDefinition = {
    name: chaincode,
    version: `${sequence}`,
    sequence,
    endorsementPolicy,
    collections,
  };
  const approved = await lifecycle.approvedBy(definition);
  await Promise.all(
    members
      .filter(({ mspId }) => !approved.has(mspId))
      .map(({ mspId, connection }) =>
        new ChannelLifecycle(connection, channel, mspId).approve(definition, deployment.package.id),
      ),
  );
  await lifecycle.commit(
    definition,
    members.map(({ mspId }) => mspId),
  );
}
