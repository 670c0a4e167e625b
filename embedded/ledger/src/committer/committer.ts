import { type Channel } from '../channel.js';
import { splitNamespace } from '../collections/hashed-namespace.js';
import { sha256 } from '../crypto/hash.js';
import { type OrderedBlock } from '../orderer/block-builder.js';
import { PrivateBlock } from './private-block.js';
import { type StateUpdate } from '../store/channel-store.js';
import { blockMetadataIndex, Metadata } from '../wire/common.js';
import { CommittedWrites } from '../wire/rwset.js';
import { validationCode, type ValidationCode } from '../wire/transaction.js';
import { EndorsementPolicies } from '../validation/endorsement-policies.js';
import { StateValidator } from '../validation/state-validator.js';
import { validateTransaction, type ValidatedTransaction } from '../validation/transaction-validator.js';
import { type Log } from '../log.js';
import { readableSets } from './readable-sets.js';

/** Transactions validated without giving way to other work. */
const validatedAtOnce = 32;

/** Validates an ordered block, writes it and tells of it. @throws `LedgerStorageError` if it could not be written. */
export async function commitBlock(channel: Channel, ordered: OrderedBlock, log: Log): Promise<void> {
  const { header, envelopes, metadata } = ordered;
  const transactions = markDuplicates(await validateAll(channel, envelopes));
  const snapshot = channel.store.snapshot();
  const state = new StateValidator(channel.store, snapshot, header.number);
  const codes: ValidationCode[] = [];
  try {
    for (const [index, { id, code, sets, reason }] of transactions.entries()) {
      const found = code === validationCode.VALID ? await state.validate(sets, index) : code;
      codes.push(found);
      if (found !== validationCode.VALID)
        log.info('transaction-invalid', {
          channel: channel.name,
          block: header.number,
          id,
          code: found,
          reason,
        });
    }
  } finally {
    snapshot.release();
  }
  const flags = Buffer.from(codes);
  const commitHash = hashOfCommit(flags, state.updates.sorted(), channel.store.commitHash);
  metadata[blockMetadataIndex.transactionsFilter] = flags;
  metadata[blockMetadataIndex.commitHash] = Metadata.encode({ value: commitHash });
  const block = { header, envelopes, metadata };
  const located = transactions.map(({ id }, index) => ({
    id,
    code: codes[index] ?? validationCode.NOT_VALIDATED,
  }));
  const privateChanges = await new PrivateBlock(channel, header.number, state.updates).commit(
    transactions.map(({ id, sets }, index) => {
      const valid = codes[index] === validationCode.VALID;
      return { id, valid, sets: valid || sets.length > 0 ? sets : readableSets(envelopes[index]) };
    }),
  );
  await channel.store.commit({
    block,
    transactions: located,
    updates: state.updates,
    writes: state.writes,
    privateChanges,
    commitHash,
  });
  channel.chaincodes.committed(state.updates);
  channel.feed.committed(
    block,
    located.map(({ id, code }, index) => ({ id, location: { block: header.number, index, code } })),
  );
}

async function validateAll(channel: Channel, envelopes: readonly Buffer[]): Promise<ValidatedTransaction[]> {
  const validated: ValidatedTransaction[] = [];
  const policies = new EndorsementPolicies(channel);
  for (const envelope of envelopes) {
    if (validated.length > 0 && validated.length % validatedAtOnce === 0) await new Promise(setImmediate);
    validated.push(validateTransaction(channel, policies, envelope));
  }
  return validated;
}

/** Of valid transactions with the same id in a block, the first counts. */
function markDuplicates(transactions: ValidatedTransaction[]): ValidatedTransaction[] {
  const seen = new Set<string>();
  return transactions.map((transaction) => {
    if (transaction.code !== validationCode.VALID) return transaction;
    if (seen.has(transaction.id))
      return {
        ...transaction,
        code: validationCode.DUPLICATE_TXID,
        reason: 'its id is twice in the block',
        sets: [],
      };
    seen.add(transaction.id);
    return transaction;
  });
}

/** Hash over validation flags, state changes and the hash before: equal on all peers that agree. */
export function hashOfCommit(flags: Buffer, updates: readonly StateUpdate[], previous: Buffer): Buffer {
  let space = '';
  let current = splitNamespace(space);
  const kvwrites = updates.map((update) => {
    const before = current;
    const first = update.namespace !== space;
    if (first) current = splitNamespace((space = update.namespace));
    const { namespace, collection } = current;
    return {
      namespace: namespace === before.namespace ? '' : namespace,
      collection: first ? (collection ?? '') : '',
      key: Buffer.from(update.key, collection === undefined ? 'utf8' : 'hex'),
      isDelete: update.value === undefined,
      value: update.value?.value ?? Buffer.alloc(0),
      versionBytes: Buffer.concat([
        orderPreserving(update.version.blockNum),
        orderPreserving(update.version.txNum),
      ]),
    };
  });
  return sha256(varint(flags.length), flags, CommittedWrites.encode({ kvwrites }), previous);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128);
  return Buffer.from([...bytes, rest]);
}

/** A number as its count of significant bytes and those bytes, big-endian. */
function orderPreserving(value: number): Buffer {
  if (value === 0) return Buffer.of(0);
  const hex = value.toString(16);
  const digits = Buffer.from(hex.padStart(hex.length + (hex.length % 2), '0'), 'hex');
  return Buffer.concat([Buffer.of(digits.length), digits]);
}
