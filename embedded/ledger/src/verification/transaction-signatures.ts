import { verifiesAhead } from '../crypto/signatures.js';
import { type MspManager } from '../msp/msp-manager.js';
import { type LedgerBlock } from '../store/block.js';
import { openEnvelope, openTransaction } from '../validation/transaction-content.js';
import { blockMetadataIndex, headerType } from '../wire/common.js';
import { validationCode } from '../wire/transaction.js';

/** Signatures of creators and endorsers in a block. */
export interface SignatureCount {
  /** Signatures that are genuine. */
  readonly genuine: number;
  /** Signatures on VALID transactions that are not: endorsements that counted for nothing when it was validated. */
  readonly disregarded: number;
}

interface Signed {
  readonly identity: Buffer;
  readonly data: Buffer;
  readonly signature: Buffer;
}

/** Checks the signatures of a block in other threads; whoever validates its transactions next finds them known. */
export async function checkSignatures(
  { envelopes, metadata }: LedgerBlock,
  members: MspManager,
): Promise<SignatureCount> {
  const flags = metadata[blockMetadataIndex.transactionsFilter];
  let genuine = 0;
  let disregarded = 0;
  await Promise.all(
    envelopes.flatMap((envelope, index) =>
      signaturesOf(envelope).map(async (signed) => {
        if (await isGenuine(signed, members)) genuine += 1;
        else if (flags?.[index] === validationCode.VALID) disregarded += 1;
      }),
    ),
  );
  return { genuine, disregarded };
}

/** Of an endorsed transaction that can be read; its validation says what is wrong with any other. */
function signaturesOf(bytes: Buffer): Signed[] {
  try {
    if (openEnvelope(bytes).channelHeader.type !== headerType.endorserTransaction) return [];
    const { envelope, actionHeader, endorsements, responsePayload } = openTransaction(bytes);
    return [
      { identity: actionHeader.creator, data: envelope.payload, signature: envelope.signature },
      ...endorsements.map(({ endorser, signature }) => ({
        identity: endorser,
        data: Buffer.concat([responsePayload, endorser]),
        signature,
      })),
    ];
  } catch {
    return [];
  }
}

async function isGenuine({ identity, data, signature }: Signed, members: MspManager): Promise<boolean> {
  const signer = members.find(identity);
  return signer !== undefined && (await verifiesAhead(signer, data, signature));
}
