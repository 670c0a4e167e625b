import { LedgerError } from '@medigraph/platform/ledger';
import { DAppRefused } from './errors.js';
import { described } from './shape-reader.js';

const ownCode = /^([A-Z][A-Z0-9_]{0,59}): ([\s\S]*)$/;
const chaincodeResponse = /(?:^|, )chaincode response \d+, ([\s\S]*)$/;
const longest = 500;

/** What a contract said when it refused, as endpoints pass it on; undefined where no contract spoke. */
export function contractWords(
  message: string,
): { readonly code?: string; readonly message: string } | undefined {
  const said = chaincodeResponse.exec(message)?.[1];
  if (said === undefined) return undefined;
  const [, code, sentence = said] = ownCode.exec(said) ?? [];
  return { code, message: (described(sentence) ?? 'The contract refused.').slice(0, longest) };
}

/** What a call of a DApp's contract failed with, as its caller is told: codes of a stranger's are never ours. */
export function asDAppFailure(dapp: string, error: unknown): unknown {
  if (!(error instanceof LedgerError)) return error;
  for (const { message } of error.endpoints) {
    const words = contractWords(message);
    if (words) return new DAppRefused(dapp, words, { cause: error });
  }
  return error;
}
