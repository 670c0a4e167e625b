import { status } from '@grpc/grpc-js';
import { type Channel } from '../channel.js';
import { RecentMap } from '../crypto/recent.js';
import { RpcError } from '../grpc.js';
import { endorsementLayouts } from '../policy/layouts.js';
import { satisfiesPrincipal } from '../policy/signature-policy.js';
import { needOf, type Concern } from './interest.js';
import { type KnownPeer } from './plans.js';

const rememberedPlans = 1_000;

/**
 * Sets of peers that together satisfy the endorsement policies of what a transaction touches, those with `preferred`
 * first, else in random order so that the work is spread.
 */
export class LayoutPlanner {
  readonly #known = new RecentMap<string, KnownPeer[][]>(rememberedPlans);

  /** @throws {@link RpcError} FAILED_PRECONDITION if no peers can satisfy them. */
  layouts(
    channel: Channel,
    concerns: readonly Concern[],
    peers: readonly KnownPeer[],
    preferred: KnownPeer | undefined,
  ): KnownPeer[][] {
    const sequences = concerns.map(({ namespace }) => channel.chaincodes.get(namespace)?.sequence);
    const name = JSON.stringify([channel.name, channel.config.sequence, concerns, sequences]);
    let layouts = this.#known.get(name);
    if (layouts === undefined) {
      layouts = plan(channel, concerns, peers);
      this.#known.set(name, layouts);
    }
    const rank = new Map(
      layouts.map((layout) => [
        layout,
        Math.random() + (preferred !== undefined && layout.includes(preferred) ? 0 : 1),
      ]),
    );
    return [...layouts].sort((a, b) => (rank.get(a) ?? 0) - (rank.get(b) ?? 0));
  }

  /**
   * As {@link layouts} for a transaction with transient data, which goes to nobody who may not keep what it writes to
   * collections.
   */
  protectingLayouts(
    channel: Channel,
    concerns: readonly Concern[],
    peers: readonly KnownPeer[],
    preferred: KnownPeer | undefined,
  ): KnownPeer[][] {
    const cautious = concerns.map((concern) => ({ ...concern, needsData: concern.collection !== undefined }));
    try {
      return this.layouts(channel, cautious, peers, preferred);
    } catch (error) {
      const guarded = concerns.flatMap(({ collection, needsData }) =>
        collection === undefined || needsData ? [] : [collection],
      );
      if (guarded.length === 0) throw error;
      // Says whether it is the caution that leaves no peers.
      this.layouts(channel, concerns, peers, preferred);
      throw unplannable(
        `requires endorsement from organisation(s) that are not in the distribution policy of the private data collection(s): [${guarded.join(' ')}]; retry specifying trusted endorsing organizations to protect transient data`,
      );
    }
  }
}

function plan(channel: Channel, concerns: readonly Concern[], peers: readonly KnownPeer[]): KnownPeer[][] {
  const { policies, eligible } = needOf(channel, concerns);
  const unsatisfied = 'no combination of peers can be derived which satisfy the endorsement policy:';
  if (policies.length === 0) throw unplannable(`${unsatisfied} no principal sets remained after filtering`);
  const candidates = peers.filter(({ identity }) =>
    eligible.every((principals) => principals.some((principal) => satisfiesPrincipal(identity, principal))),
  );
  const layouts = endorsementLayouts(policies, candidates);
  if (layouts.length === 0)
    throw unplannable(`${unsatisfied} no peer combination can satisfy the endorsement policy`);
  return layouts;
}

const unplannable = (message: string) => new RpcError(status.FAILED_PRECONDITION, message);
