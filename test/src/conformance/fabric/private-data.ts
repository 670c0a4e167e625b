import { common, gateway, ledger, msp, peer } from '@hyperledger/fabric-protos';
import { validationName } from '../answer.js';
import { type Consortium, type Member } from '../consortium.js';

const text = (bytes: Uint8Array) => Buffer.from(bytes).toString();

export interface Committed {
  readonly transactionId: string;
  /** Name of the validation code. */
  readonly code: string;
  readonly block: bigint;
  /** MSP ids of those whose endorsements are in the transaction, in their order. */
  readonly endorsers: readonly string[];
}

export interface Call {
  readonly transaction: string;
  readonly arguments: readonly string[];
  readonly transientData?: Readonly<Record<string, string>>;
  /** Who endorses; the gateway chooses if nobody is named. */
  readonly by?: readonly string[];
}

/** MSP ids of the endorsers of a transaction. */
export function endorsersOf(bytes: Uint8Array): string[] {
  const { Envelope, Payload } = common;
  const payload = Payload.deserializeBinary(Envelope.deserializeBinary(bytes).getPayload_asU8());
  return peer.Transaction.deserializeBinary(payload.getData_asU8())
    .getActionsList()
    .flatMap((action) => {
      const { ChaincodeActionPayload } = peer;
      const endorsed = ChaincodeActionPayload.deserializeBinary(action.getPayload_asU8()).getAction();
      return endorsed?.getEndorsementsList() ?? [];
    })
    .map((endorsement) => msp.SerializedIdentity.deserializeBinary(endorsement.getEndorser_asU8()).getMspid())
    .sort();
}

/** Has a transaction endorsed by a member's gateway, submits it, and waits until every organisation's peer has its block. */
export async function commitEverywhere(
  consortium: Consortium,
  member: Member,
  call: Call,
): Promise<Committed> {
  const endorsed = await endorse(member, call);
  const { code, blockNumber } = await (await endorsed.transaction.submit()).getStatus();
  await settled(consortium, endorsed.transactionId);
  return { ...endorsed, code: validationName(code), block: blockNumber };
}

/** Has a transaction endorsed, and submits nothing. */
export async function endorse(member: Member, call: Call) {
  const transaction = await member
    .contract()
    .newProposal(call.transaction, {
      arguments: [...call.arguments],
      ...(call.transientData && { transientData: call.transientData }),
      ...(call.by && { endorsingOrganizations: [...call.by] }),
    })
    .endorse();
  const prepared = peerTransaction(transaction.getBytes());
  return { transaction, transactionId: transaction.getTransactionId(), endorsers: endorsersOf(prepared) };
}

/** The envelope in what the client keeps of a transaction that it is going to submit: one field of its message. */
function peerTransaction(bytes: Uint8Array): Uint8Array {
  return (
    gateway.PreparedTransaction.deserializeBinary(bytes).getEnvelope()?.serializeBinary() ?? new Uint8Array()
  );
}

/** Waits until every organisation's peer has committed a transaction. */
export async function settled(consortium: Consortium, transactionId: string): Promise<void> {
  for (const member of consortium.members)
    await member.peer.commitStatus(member.user, { transactionId, wait: 38_000 });
}

/** What the peer of each organisation answers to a member, by its MSP id; what it refuses, as its refusal. */
export async function atEach(
  consortium: Consortium,
  member: Member,
  transaction: string,
  ...args: string[]
): Promise<Record<string, unknown>> {
  const answers: Record<string, unknown> = {};
  for (const { mspId } of consortium.members) {
    const asked = member
      .contract()
      .evaluate(transaction, { arguments: args, endorsingOrganizations: [mspId] })
      .then(text);
    answers[mspId] = await consortium.refusalOf(asked);
  }
  return answers;
}

/** What a member's peer delivers of a block's private data: collection, keys and values, by transaction. */
export async function privateDataOf(member: Member, block: bigint): Promise<Record<number, string[][]>> {
  const stream = await member.network().getBlockAndPrivateDataEvents({ startBlock: block });
  try {
    for await (const delivered of stream) {
      const found: Record<number, string[][]> = {};
      delivered.getPrivateDataMapMap().forEach((sets, transaction) => (found[transaction] = writesOf(sets)));
      return found;
    }
  } finally {
    stream.close();
  }
  return {};
}

function writesOf(sets: ledger.rwset.TxPvtReadWriteSet): string[][] {
  return sets.getNsPvtRwsetList().flatMap((namespace) =>
    namespace.getCollectionPvtRwsetList().flatMap((collection) =>
      ledger.rwset.kvrwset.KVRWSet.deserializeBinary(collection.getRwset_asU8())
        .getWritesList()
        .map((write) => [
          `${namespace.getNamespace()}/${collection.getCollectionName()}`,
          write.getKey(),
          write.getIsDelete() ? 'deleted' : text(write.getValue_asU8()),
        ]),
    ),
  );
}
