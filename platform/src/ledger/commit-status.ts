import { type Gateway, type Status } from '@hyperledger/fabric-gateway';
import { gateway as messages } from '@hyperledger/fabric-protos';
import { creatorOf } from './proposal-header.js';
import { type LedgerIdentity } from './ledger-client.js';

/** Which transaction, who asks, and until when (milliseconds since the epoch). */
export interface CommitStatusQuestion {
  readonly channel: string;
  readonly transactionId: string;
  readonly signer: LedgerIdentity;
  readonly deadline: number;
}

/** Waits until the gateway's own peer has committed the transaction. */
export function commitStatusOf(gateway: Gateway, question: CommitStatusQuestion): Promise<Status> {
  const request = new messages.CommitStatusRequest();
  request.setChannelId(question.channel);
  request.setTransactionId(question.transactionId);
  request.setIdentity(creatorOf(question.signer));
  const signed = new messages.SignedCommitStatusRequest();
  signed.setRequest(request.serializeBinary());
  return gateway.newCommit(signed.serializeBinary()).getStatus({ deadline: question.deadline });
}
