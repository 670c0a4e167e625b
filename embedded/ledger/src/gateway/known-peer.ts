import { status } from '@grpc/grpc-js';
import { type Endorser, type Outcome } from '../endorser/endorser.js';
import { type Identity } from '../msp/identity.js';
import { type ErrorDetail } from '../wire/services.js';

/** A peer as a gateway knows it. */
export interface KnownPeer {
  readonly mspId: string;
  /** Where it serves; named in error details. */
  readonly address: string;
  readonly endorser: Endorser;
  readonly identity: Identity;
}

/** What a gateway makes of a peer's answer. */
export type Verdict =
  | { readonly ok: true; readonly outcome: Extract<Outcome, { response: unknown }> }
  | { readonly ok: false; readonly code: status; readonly message: string; readonly retry: boolean };

/**
 * Sorts a peer's answer into endorsements, errors worth another peer, and errors of the chaincode or the client. A refusal
 * that comes over the wire, or from a filter, looks as if the peer were not there; only the gateway's own endorser is
 * known to have looked at the proposal.
 */
export function judge(outcome: Outcome, isLocal: boolean): Verdict {
  if ('refused' in outcome) {
    if (isLocal && outcome.by === 'endorser')
      return { ok: false, code: status.FAILED_PRECONDITION, message: outcome.refused, retry: false };
    const message = isLocal ? outcome.refused : `rpc error: code = Unknown desc = ${outcome.refused}`;
    return { ok: false, code: status.UNAVAILABLE, message, retry: true };
  }
  const { response, payload } = outcome.response;
  if (response.status >= 200 && response.status < 400) return { ok: true, outcome };
  if (payload === undefined && response.status === 500)
    return { ok: false, code: status.ABORTED, message: response.message, retry: true };
  return {
    ok: false,
    code: status.UNKNOWN,
    message: `chaincode response ${response.status}, ${response.message}`,
    retry: false,
  };
}

export const detailOf = ({ address, mspId }: KnownPeer, message: string): ErrorDetail => ({
  address,
  mspId,
  message,
});
