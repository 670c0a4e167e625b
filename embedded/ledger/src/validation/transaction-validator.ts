import { type Channel } from '../channel.js';
import { sha256 } from '../crypto/hash.js';
import { isSignedBy } from '../crypto/signatures.js';
import { transactionIdOf } from '../endorser/proposal.js';
import { type Identity } from '../msp/identity.js';
import { parseReadWriteSet, type NamespaceSet } from '../rwset/parsed.js';
import { headerType } from '../wire/common.js';
import {
  ChaincodeEvent,
  ChaincodeHeaderExtension,
  validationCode,
  type ValidationCode,
} from '../wire/transaction.js';
import { type EndorsementPolicies } from './endorsement-policies.js';
import { openAction, openEnvelope, type TransactionContent } from './transaction-content.js';

/** What can be said of a transaction by itself; whether its reads still hold is asked later, in block order. */
export interface ValidatedTransaction {
  /** Empty if it could not be read. */
  readonly id: string;
  readonly code: ValidationCode;
  /** Why it is invalid, for the log. */
  readonly reason?: string;
  readonly sets: readonly NamespaceSet[];
}

const invalid = (id: string, code: ValidationCode, reason: string): ValidatedTransaction => ({
  id,
  code,
  reason,
  sets: [],
});

const reasonIn = (error: unknown) => (error instanceof Error ? error.message : String(error));

/**
 * Validates the form, signatures and endorsements of a transaction, in Fabric's order and with its codes.
 * @param policies - of the block, which has been asked about the transactions before
 */
export function validateTransaction(
  channel: Channel,
  policies: EndorsementPolicies,
  bytes: Buffer,
): ValidatedTransaction {
  let opened: ReturnType<typeof openEnvelope>;
  try {
    opened = openEnvelope(bytes);
  } catch (error) {
    return invalid('', validationCode.BAD_PAYLOAD, reasonIn(error));
  }
  const { envelope, header, data, channelHeader, signatureHeader } = opened;
  const id = channelHeader.txId;
  const { type } = channelHeader;
  if (
    type !== headerType.endorserTransaction &&
    type !== headerType.config &&
    type !== headerType.configUpdate
  )
    return invalid(id, validationCode.BAD_COMMON_HEADER, `invalid header type ${type}`);
  if (channelHeader.epoch !== 0) return invalid(id, validationCode.BAD_COMMON_HEADER, 'epoch is not 0');
  if (signatureHeader.nonce.length === 0 || signatureHeader.creator.length === 0)
    return invalid(id, validationCode.BAD_COMMON_HEADER, 'nonce or creator is empty');
  if (!isFromMember(channel, signatureHeader.creator, envelope.payload, envelope.signature))
    return invalid(id, validationCode.BAD_CREATOR_SIGNATURE, "creator or creator's signature is not valid");
  if (type !== headerType.endorserTransaction)
    return invalid(id, validationCode.UNSUPPORTED_TX_PAYLOAD, `header type ${type} is not ordered here`);
  if (id !== transactionIdOf(signatureHeader))
    return invalid(
      id,
      validationCode.BAD_PROPOSAL_TXID,
      'transaction id does not follow from nonce and creator',
    );

  let action: ReturnType<typeof openAction>;
  try {
    action = openAction(data);
    if (action.actionHeader.nonce.length === 0 || action.actionHeader.creator.length === 0)
      throw new Error('invalid signature header of the action');
    const hash = sha256(header.channelHeader, action.actionHeaderBytes, action.proposalPayload);
    if (!hash.equals(action.proposalHash)) throw new Error('proposal hash does not match');
  } catch (error) {
    return invalid(id, validationCode.INVALID_ENDORSER_TRANSACTION, reasonIn(error));
  }
  if (channelHeader.channelId !== channel.name)
    return invalid(id, validationCode.TARGET_CHAIN_NOT_FOUND, `it is for channel ${channelHeader.channelId}`);
  if (channel.store.transaction(id) !== undefined)
    return invalid(id, validationCode.DUPLICATE_TXID, 'a committed transaction has this id');
  return validateAction(channel, policies, { envelope, header, channelHeader, ...action });
}

function isFromMember(channel: Channel, creator: Buffer, data: Buffer, signature: Buffer): boolean {
  try {
    const identity = channel.members.deserialize(creator);
    return identity.invalid === undefined && isSignedBy(identity, data, signature);
  } catch {
    return false;
  }
}

function validateAction(
  channel: Channel,
  policies: EndorsementPolicies,
  content: TransactionContent,
): ValidatedTransaction {
  const { channelHeader, action } = content;
  const id = channelHeader.txId;
  let invoked: string | undefined;
  try {
    invoked = ChaincodeHeaderExtension.decode(channelHeader.extension).chaincodeId?.name;
  } catch (error) {
    return invalid(id, validationCode.BAD_HEADER_EXTENSION, reasonIn(error));
  }
  let sets: NamespaceSet[];
  try {
    sets = parseReadWriteSet(action.results);
  } catch (error) {
    return invalid(id, validationCode.BAD_RWSET, reasonIn(error));
  }
  if (invoked === undefined || action.chaincodeId === undefined)
    return invalid(id, validationCode.INVALID_OTHER_REASON, 'nil ChaincodeId');
  if (invoked === '' || invoked !== action.chaincodeId.name || action.chaincodeId.version === '')
    return invalid(id, validationCode.INVALID_CHAINCODE, 'chaincode name or version is missing or differs');
  if (action.events.length > 0) {
    try {
      if (ChaincodeEvent.decode(action.events).chaincodeId !== invoked)
        throw new Error('chaincode event chaincode id does not match chaincode action chaincode id');
    } catch (error) {
      return invalid(id, validationCode.INVALID_OTHER_REASON, reasonIn(error));
    }
  }
  if (new Set(sets.map(({ namespace }) => namespace)).size < sets.length)
    return invalid(id, validationCode.ILLEGAL_WRITESET, 'duplicate namespace in txRWSet');

  const written = new Set([invoked, ...sets.filter(writes).map(({ namespace }) => namespace)]);
  const endorsers = validEndorsers(channel, content);
  for (const namespace of written) {
    const policy = channel.chaincodes.endorsementOf(namespace);
    if (policy === undefined)
      return invalid(
        id,
        validationCode.INVALID_CHAINCODE,
        `no chaincode is defined for namespace ${namespace}`,
      );
    const set = sets.find((each) => each.namespace === namespace);
    const refusal = policies.refusal(namespace, policy, set, endorsers);
    if (refusal !== undefined) return invalid(id, validationCode.ENDORSEMENT_POLICY_FAILURE, refusal);
  }
  policies.endorsed(sets);
  return { id, code: validationCode.VALID, sets };
}

const writes = ({ set, collections }: NamespaceSet) =>
  set.writes.length > 0 ||
  set.metadataWrites.length > 0 ||
  collections.some(
    ({ set: { hashedWrites, metadataWrites } }) => hashedWrites.length + metadataWrites.length > 0,
  );

/** Identities whose endorsement is genuine, each once. */
function validEndorsers(channel: Channel, { endorsements, responsePayload }: TransactionContent): Identity[] {
  const found = new Map<string, Identity>();
  for (const { endorser, signature } of endorsements) {
    try {
      const identity = channel.members.deserialize(endorser);
      const name = identity.mspId + identity.fingerprint.toString('latin1');
      if (found.has(name)) continue;
      if (isSignedBy(identity, Buffer.concat([responsePayload, endorser]), signature))
        found.set(name, identity);
    } catch {
      // An endorser that is not of this channel counts for nothing.
    }
  }
  return [...found.values()];
}
