import { Client, credentials } from '@grpc/grpc-js';
import { connect, signers } from '@hyperledger/fabric-gateway';
import { type LedgerIdentity } from '@medigraph/platform/ledger';

/** The blocks of a channel up to the last one wanted, as its peer delivers them. */
export async function rawBlocks(
  peer: string,
  { mspId, certificate, privateKey }: LedgerIdentity,
  channel: string,
  last: number,
): Promise<Uint8Array[]> {
  const client = new Client(peer, credentials.createInsecure(), {
    'grpc.max_receive_message_length': -1,
  });
  const gateway = connect({
    client,
    identity: { mspId, credentials: Buffer.from(certificate) },
    signer: signers.newPrivateKeySigner(privateKey),
  });
  try {
    const network = gateway.getNetwork(channel);
    const blocks: Uint8Array[] = [];
    const events = await network.getBlockEvents({ startBlock: 0n });
    try {
      for await (const block of events) {
        blocks.push(block.serializeBinary());
        if (block.getHeader()?.getNumber() === last) break;
      }
    } finally {
      events.close();
    }
    return blocks;
  } finally {
    gateway.close();
    client.close();
  }
}
