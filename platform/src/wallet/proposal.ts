import { hex, sameBytes, sha256, utf8 } from './bytes.js';
import { PreparationForgedError } from './errors.js';
import { Fields, message } from './protobuf.js';

/** What a wallet means to sign. */
export interface Intent {
  readonly mspId: string;
  /** PEM. */
  readonly certificate: string;
  readonly channel: string;
  readonly chaincode: string;
  /** `Contract:Transaction`. */
  readonly transaction: string;
  /** JSON. */
  readonly argument: string;
  /** 24 bytes. */
  readonly nonce: Uint8Array;
}

/** A proposal that is what the wallet meant, in the parts of which the transaction is made. */
export interface VerifiedProposal {
  readonly transactionId: string;
  readonly creator: Uint8Array;
  readonly header: Uint8Array;
  readonly channelHeader: Uint8Array;
  readonly signatureHeader: Uint8Array;
  readonly payload: Uint8Array;
}

/** `common.HeaderType.ENDORSER_TRANSACTION` and `protos.ChaincodeSpec.Type.NODE`. */
const endorserTransaction = 3;
const nodeChaincode = 2;

/** Milliseconds that the time in a proposal may differ from the wallet's. */
const skewMs = 10 * 60_000;

/**
 * Checks that a prepared proposal is the intent and nothing else: the wallet makes the same bytes itself, all but the
 * time, and compares.
 * @throws {@link PreparationForgedError}
 */
export async function verifyProposal(bytes: Uint8Array, intent: Intent): Promise<VerifiedProposal> {
  const { seconds, nanos } = timestampOf(bytes);
  const stated = Number(seconds) * 1000 + nanos / 1e6;
  if (!(Math.abs(Date.now() - stated) <= skewMs))
    throw new PreparationForgedError('it is of another time than now by the clock of this device');
  const timestamp = message({ 1: seconds, 2: nanos });

  const creator = message({ 1: intent.mspId, 2: utf8(intent.certificate) });
  const transactionId = hex(await sha256(intent.nonce, creator));
  const chaincodeId = message({ 2: intent.chaincode });
  const channelHeader = message({
    1: endorserTransaction,
    3: timestamp,
    4: intent.channel,
    5: transactionId,
    7: message({ 2: chaincodeId }),
  });
  const signatureHeader = message({ 1: creator, 2: intent.nonce });
  const header = message({ 1: channelHeader, 2: signatureHeader });
  const input = message({ 1: [utf8(intent.transaction), utf8(intent.argument)] });
  const invocation = message({ 1: message({ 1: nodeChaincode, 2: chaincodeId, 3: input }) });
  const payload = message({ 1: invocation });
  if (!sameBytes(message({ 1: header, 2: payload }), bytes))
    throw new PreparationForgedError(
      'its channel, contract, transaction, argument, signer or nonce differs, or it has something more',
    );
  return { transactionId, creator, header, channelHeader, signatureHeader, payload };
}

function timestampOf(proposal: Uint8Array): { seconds: bigint; nanos: number } {
  const header = new Fields(new Fields(proposal, [1, 2]).bytes(1), [1, 2]);
  const channelHeader = new Fields(header.bytes(1), [1, 3, 4, 5, 7]);
  const timestamp = new Fields(channelHeader.bytes(3), [1, 2]);
  return { seconds: timestamp.integer(1), nanos: Number(timestamp.integer(2)) };
}
