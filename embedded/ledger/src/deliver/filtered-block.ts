import { type LedgerBlock } from '../store/block.js';
import { openAction, openEnvelope } from '../validation/transaction-content.js';
import { blockMetadataIndex, headerType } from '../wire/common.js';
import { FilteredBlock, type FilteredTransaction } from '../wire/services.js';
import { ChaincodeEvent, validationCode } from '../wire/transaction.js';

/** A block reduced to ids, codes and the names of events. */
export function filteredBlock(channelId: string, block: LedgerBlock): Buffer {
  const flags = block.metadata[blockMetadataIndex.transactionsFilter];
  return FilteredBlock.encode({
    channelId,
    number: block.header.number,
    filteredTransactions: block.envelopes.flatMap((envelope, index) =>
      filtered(envelope, flags?.[index] ?? validationCode.NOT_VALIDATED),
    ),
  });
}

function filtered(bytes: Buffer, code: number): FilteredTransaction[] {
  let opened: ReturnType<typeof openEnvelope>;
  try {
    opened = openEnvelope(bytes);
  } catch {
    return [];
  }
  const { channelHeader, data } = opened;
  const base = { txid: channelHeader.txId, type: channelHeader.type, txValidationCode: code };
  if (channelHeader.type !== headerType.endorserTransaction)
    return [{ ...base, transactionActions: undefined }];
  return [{ ...base, transactionActions: { chaincodeActions: eventsOf(data) } }];
}

function eventsOf(data: Buffer): { chaincodeEvent: ChaincodeEvent }[] {
  try {
    const { events } = openAction(data).action;
    if (events.length === 0) return [];
    const event = ChaincodeEvent.decode(events);
    // The payload may be private: a filtered block does without.
    return event.chaincodeId === '' ? [] : [{ chaincodeEvent: { ...event, payload: Buffer.alloc(0) } }];
  } catch {
    return [];
  }
}
