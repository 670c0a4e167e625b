import { status } from '@grpc/grpc-js';
import { type Channel } from '../channel.js';
import { type Endorser, type Outcome } from '../endorser/endorser.js';
import { RpcError } from '../grpc.js';
import { endorsementLayouts } from '../policy/layouts.js';
import { type Endorsement } from '../wire/transaction.js';
import { type ErrorDetail } from '../wire/services.js';

/** A peer as a gateway knows it. */
export interface KnownPeer {
  readonly mspId: string;
  /** Where it serves; named in error details. */
  readonly address: string;
  readonly endorser: Endorser;
  readonly identity: Endorser['identity'];
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

/** Endorsements gathered for one transaction: all of the same payload. */
export class Gathered {
  payload: Buffer | undefined;
  readonly endorsements = new Map<KnownPeer, Endorsement>();
  readonly details: ErrorDetail[] = [];
  readonly failed = new Set<KnownPeer>();

  constructor(
    /** The gateway's own peer. */
    readonly local: KnownPeer,
  ) {}

  /** True if the peer endorsed, and the same as the others. */
  add(peer: KnownPeer, outcome: Outcome): boolean {
    const verdict = judge(outcome, peer === this.local);
    if (!verdict.ok) return this.#fail(peer, verdict.message);
    const { payload, endorsement } = verdict.outcome.response;
    if (payload === undefined || endorsement === undefined) return this.#fail(peer, 'no endorsement');
    this.payload ??= payload;
    if (!this.payload.equals(payload)) return this.#fail(peer, 'ProposalResponsePayloads do not match');
    this.endorsements.set(peer, endorsement);
    return true;
  }

  #fail(peer: KnownPeer, message: string): false {
    this.failed.add(peer);
    this.details.push(detailOf(peer, message));
    return false;
  }
}

/** Nobody knows who must endorse a chaincode. */
export const noMetadata = (chaincode: string, channel: string): RpcError =>
  new RpcError(
    status.FAILED_PRECONDITION,
    `no combination of peers can be derived which satisfy the endorsement policy: No metadata was found for chaincode ${chaincode} in channel ${channel}`,
  );

/**
 * Sets of peers that together satisfy the endorsement policies of what a transaction touches, those with `preferred`
 * first, else in random order so that the work is spread.
 */
export class LayoutPlanner {
  readonly #known = new Map<string, KnownPeer[][]>();

  layouts(
    channel: Channel,
    namespaces: readonly string[],
    peers: readonly KnownPeer[],
    preferred: KnownPeer | undefined,
  ): KnownPeer[][] {
    const { chaincodes } = channel;
    const policies = namespaces.map((namespace) => {
      const policy = chaincodes.endorsementOf(namespace);
      if (policy === undefined) throw noMetadata(namespace, channel.name);
      return policy;
    });
    const sequences = namespaces.map((namespace) => [namespace, chaincodes.get(namespace)?.sequence]);
    const name = JSON.stringify([channel.name, channel.config.sequence, ...sequences]);
    let layouts = this.#known.get(name);
    if (layouts === undefined) {
      layouts = endorsementLayouts(policies, peers);
      this.#known.set(name, layouts);
    }
    if (layouts.length === 0)
      throw new RpcError(
        status.FAILED_PRECONDITION,
        'no combination of peers can be derived which satisfy the endorsement policy: no principal sets remained after filtering',
      );
    const rank = new Map(
      layouts.map((layout) => [
        layout,
        Math.random() + (preferred !== undefined && layout.includes(preferred) ? 0 : 1),
      ]),
    );
    return [...layouts].sort((a, b) => (rank.get(a) ?? 0) - (rank.get(b) ?? 0));
  }
}
