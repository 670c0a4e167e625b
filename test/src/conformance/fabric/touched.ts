import { common, gateway, ledger, peer } from '@hyperledger/fabric-protos';

const { TxReadWriteSet } = ledger.rwset;
const { HashedRWSet, KVRWSet } = ledger.rwset.kvrwset;

/** What a transaction reads and writes of one namespace, by the names of its keys; of collections, how many. */
export interface Touched {
  readonly namespace: string;
  readonly reads: readonly string[];
  readonly writes: readonly string[];
  /** `name: reads, writes`. */
  readonly collections: readonly string[];
}

/** What an endorsed transaction touches. @param prepared - `gateway.PreparedTransaction` */
export function touchedBy(prepared: Uint8Array): Touched[] {
  const envelope = gateway.PreparedTransaction.deserializeBinary(prepared).getEnvelope();
  const payload = common.Payload.deserializeBinary(envelope?.getPayload_asU8() ?? new Uint8Array());
  const [action] = peer.Transaction.deserializeBinary(payload.getData_asU8()).getActionsList();
  const endorsed = peer.ChaincodeActionPayload.deserializeBinary(
    action?.getPayload_asU8() ?? new Uint8Array(),
  );
  const response = peer.ProposalResponsePayload.deserializeBinary(
    endorsed.getAction()?.getProposalResponsePayload_asU8() ?? new Uint8Array(),
  );
  const results = peer.ChaincodeAction.deserializeBinary(response.getExtension_asU8()).getResults_asU8();
  return TxReadWriteSet.deserializeBinary(results)
    .getNsRwsetList()
    .map((set) => {
      const rwset = KVRWSet.deserializeBinary(set.getRwset_asU8());
      return {
        namespace: set.getNamespace(),
        reads: rwset.getReadsList().map((read) => read.getKey()),
        writes: rwset.getWritesList().map((write) => write.getKey()),
        collections: set.getCollectionHashedRwsetList().map((collection) => {
          const hashed = HashedRWSet.deserializeBinary(collection.getHashedRwset_asU8());
          return `${collection.getCollectionName()}: ${hashed.getHashedReadsList().length} reads, ${hashed.getHashedWritesList().length} writes`;
        }),
      };
    });
}
