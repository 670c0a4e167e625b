import { parseReadWriteSet, type NamespaceSet } from '../rwset/parsed.js';
import { openTransaction } from '../validation/transaction-content.js';

/** What a transaction would read and write, whether it may or not; nothing if that cannot be read. */
export function readableSets(envelope: Buffer | undefined): NamespaceSet[] {
  try {
    return envelope === undefined ? [] : parseReadWriteSet(openTransaction(envelope).action.results);
  } catch {
    return [];
  }
}
