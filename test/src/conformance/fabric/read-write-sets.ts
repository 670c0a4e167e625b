import { createHash } from 'node:crypto';
import { common, ledger, peer } from '@hyperledger/fabric-protos';
import { type Member } from '../consortium.js';

const { kvrwset } = ledger.rwset;
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const present = (version: ledger.rwset.kvrwset.Version | undefined) => (version ? 'there' : 'not there');

/** What the only transaction of a block reads and writes in a namespace, in the order of its bytes, without versions. */
export interface NamespaceContent {
  readonly namespace: string;
  readonly reads: readonly string[][];
  readonly writes: readonly string[];
  readonly collections: readonly {
    readonly name: string;
    readonly reads: readonly string[][];
    readonly writes: readonly (readonly string[])[];
    readonly metadata: readonly string[];
    /** Whether the private write set that the peer has is the one that the block speaks of; `none` if it speaks of none. */
    readonly privateSet: boolean | 'none';
  }[];
}

/** The only transaction of a block, with the private data that the member's peer has of it. */
export async function contentOf(member: Member, block: bigint): Promise<NamespaceContent[]> {
  const stream = await member.network().getBlockAndPrivateDataEvents({ startBlock: block });
  try {
    for await (const delivered of stream) {
      const [envelope] = delivered.getBlock()?.getData()?.getDataList_asU8() ?? [];
      const privateSets = delivered.getPrivateDataMapMap().get(0)?.getNsPvtRwsetList() ?? [];
      return resultsIn(envelope ?? new Uint8Array())
        .getNsRwsetList()
        .map((set) => namespaceContent(set, privateSets));
    }
  } finally {
    stream.close();
  }
  return [];
}

function resultsIn(envelope: Uint8Array): ledger.rwset.TxReadWriteSet {
  const payload = common.Payload.deserializeBinary(
    common.Envelope.deserializeBinary(envelope).getPayload_asU8(),
  );
  const [action] = peer.Transaction.deserializeBinary(payload.getData_asU8()).getActionsList();
  const endorsed = peer.ChaincodeActionPayload.deserializeBinary(
    action?.getPayload_asU8() ?? new Uint8Array(),
  ).getAction();
  const response = peer.ProposalResponsePayload.deserializeBinary(
    endorsed?.getProposalResponsePayload_asU8() ?? new Uint8Array(),
  );
  const { ChaincodeAction } = peer;
  return ledger.rwset.TxReadWriteSet.deserializeBinary(
    ChaincodeAction.deserializeBinary(response.getExtension_asU8()).getResults_asU8(),
  );
}

function namespaceContent(
  set: ledger.rwset.NsReadWriteSet,
  privateSets: readonly ledger.rwset.NsPvtReadWriteSet[],
): NamespaceContent {
  const namespace = set.getNamespace();
  const content = kvrwset.KVRWSet.deserializeBinary(set.getRwset_asU8());
  return {
    namespace,
    reads: content.getReadsList().map((read) => [read.getKey(), present(read.getVersion())]),
    writes: content.getWritesList().map((write) => write.getKey()),
    collections: set.getCollectionHashedRwsetList().map((collection) => {
      const name = collection.getCollectionName();
      const hashes = kvrwset.HashedRWSet.deserializeBinary(collection.getHashedRwset_asU8());
      const kept = privateSets
        .find((each) => each.getNamespace() === namespace)
        ?.getCollectionPvtRwsetList()
        .find((each) => each.getCollectionName() === name);
      const told = hex(collection.getPvtRwsetHash_asU8());
      return {
        name,
        reads: hashes
          .getHashedReadsList()
          .map((read) => [hex(read.getKeyHash_asU8()), present(read.getVersion())]),
        writes: hashes
          .getHashedWritesList()
          .map((write) => [
            hex(write.getKeyHash_asU8()),
            hex(write.getValueHash_asU8()),
            ...(write.getIsDelete() ? ['deletes'] : []),
            ...(write.getIsPurge() ? ['purges'] : []),
          ]),
        metadata: hashes
          .getMetadataWritesList()
          .flatMap((write) => write.getEntriesList().map((entry) => entry.getName())),
        privateSet:
          told === ''
            ? 'none'
            : told ===
              createHash('sha256')
                .update(kept?.getRwset_asU8() ?? '')
                .digest('hex'),
      };
    }),
  };
}
