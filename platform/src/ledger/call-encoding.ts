/** How a call is written and its result read: one JSON value each, or text as contracts of others define it. */
import { ResultInvalidError } from './errors.js';
import { type TransactionRequest } from './ledger-client.js';

type Call = Pick<TransactionRequest, 'contract' | 'transaction' | 'argument' | 'arguments'>;

/** What goes to the chaincode behind the name of the transaction. */
export function argumentsOf({ argument, arguments: texts }: Call): string[] {
  return texts ? [...texts] : [JSON.stringify(argument)];
}

/**
 * What a contract answered: the text itself where the call was of texts; else what its JSON says, or undefined where it is empty.
 * @throws {@link ResultInvalidError}
 */
export function resultOf(call: Call, result: Uint8Array, transactionId?: string): unknown {
  const text = Buffer.from(result).toString();
  if (call.arguments) return text;
  if (text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new ResultInvalidError(`${call.contract}:${call.transaction}`, { cause: error, transactionId });
  }
}
