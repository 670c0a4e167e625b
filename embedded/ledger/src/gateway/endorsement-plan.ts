import { type Outcome } from '../endorser/endorser.js';
import { type EndorsementGroups } from '../policy/endorsement-groups.js';
import { type ErrorDetail } from '../wire/services.js';
import { type Endorsement } from '../wire/transaction.js';
import { detailOf, judge, type KnownPeer } from './known-peer.js';

interface Layout {
  /** Endorsements that are missing yet, by group. */
  readonly required: Map<string, number>;
  readonly endorsements: Endorsement[];
}

/** What satisfies the policies: endorsements of one and the same payload. */
export interface Endorsed {
  readonly payload: Buffer;
  readonly endorsements: readonly Endorsement[];
}

/**
 * Works through the ways to satisfy the policies: layout after layout, in each group peer after peer, until one layout is
 * complete. Who has endorsed counts for all layouts that his group is part of.
 */
export class EndorsementPlan {
  readonly details: ErrorDetail[] = [];
  readonly #local: KnownPeer;
  readonly #waiting: ReadonlyMap<string, KnownPeer[]>;
  readonly #groupOf = new Map<KnownPeer, string>();
  #layouts: Layout[];
  #payload: Buffer | undefined;
  #completed: Layout | undefined;

  /** @param local - the gateway's own peer, the first to be asked in its group. */
  constructor({ groups, layouts }: EndorsementGroups<KnownPeer>, local: KnownPeer) {
    this.#local = local;
    this.#waiting = new Map(
      [...groups].map(([group, peers]) => [
        group,
        [...peers].sort((a, b) => Number(b === local) - Number(a === local)),
      ]),
    );
    for (const [group, peers] of groups) for (const peer of peers) this.#groupOf.set(peer, group);
    this.#layouts = layouts.map((layout) => ({ required: new Map(layout), endorsements: [] }));
  }

  /** One peer of each of these organisations. */
  static ofOrganizations(peers: readonly KnownPeer[], local: KnownPeer): EndorsementPlan {
    const groups = new Map<string, KnownPeer[]>();
    for (const peer of peers) groups.set(peer.mspId, [...(groups.get(peer.mspId) ?? []), peer]);
    const layout = new Map([...groups.keys()].map((mspId) => [mspId, 1]));
    return new EndorsementPlan({ groups, layouts: [layout] }, local);
  }

  /** Layouts with the peer's group come first, otherwise in random order, so that the work is spread. */
  prefer(peer: KnownPeer): this {
    const group = this.#groupOf.get(peer) ?? '';
    const rank = new Map(
      this.#layouts.map((layout) => [layout, Math.random() + (layout.required.has(group) ? 0 : 1)]),
    );
    this.#layouts.sort((a, b) => (rank.get(a) ?? 0) - (rank.get(b) ?? 0));
    return this;
  }

  get endorsed(): Endorsed | undefined {
    if (this.#completed === undefined || this.#payload === undefined) return undefined;
    const byEndorser = new Map(
      this.#completed.endorsements.map((each) => [each.endorser.toString('latin1'), each]),
    );
    return { payload: this.#payload, endorsements: [...byEndorser.values()] };
  }

  /** Asks peers until a layout is complete. @returns undefined if none can be. */
  async collect(process: (peer: KnownPeer) => Promise<Outcome>): Promise<Endorsed | undefined> {
    while (this.#completed === undefined) {
      const peers = this.#nextPeers();
      if (peers === undefined) return undefined;
      const exhausted = await Promise.all(peers.map((peer) => this.#ask(peer, process)));
      this.#layouts.shift();
      for (const group of exhausted)
        this.#layouts = this.#layouts.filter(({ required }) => group === undefined || !required.has(group));
    }
    return this.endorsed;
  }

  /**
   * Asks a single peer first, whose answer tells how to go on.
   * @returns the peer that endorsed, and its answer; undefined if nobody in the first group did.
   */
  async first(
    process: (peer: KnownPeer) => Promise<Outcome>,
  ): Promise<{ peer: KnownPeer; outcome: Extract<Outcome, { response: unknown }> } | undefined> {
    let [peer] = this.#nextPeers() ?? [];
    while (peer !== undefined) {
      const verdict = judge(await process(peer), peer === this.#local);
      if (verdict.ok) return { peer, outcome: verdict.outcome };
      this.details.push(detailOf(peer, verdict.message));
      peer = this.#nextInGroup(peer);
    }
    return undefined;
  }

  /** Counts a peer's answer. @returns whether it endorsed, and the same as the others. */
  add(peer: KnownPeer, outcome: Outcome): boolean {
    const verdict = judge(outcome, peer === this.#local);
    if (!verdict.ok) return this.#fail(peer, verdict.message);
    const { payload, endorsement } = verdict.outcome.response;
    if (payload === undefined || endorsement === undefined) return this.#fail(peer, 'no endorsement');
    const group = this.#groupOf.get(peer) ?? '';
    const waiting = this.#waiting.get(group) ?? [];
    if (waiting.includes(peer)) waiting.splice(waiting.indexOf(peer), 1);
    this.#payload ??= payload;
    if (!this.#payload.equals(payload)) return this.#fail(peer, 'ProposalResponsePayloads do not match');
    for (const layout of this.#layouts) {
      const missing = layout.required.get(group);
      if (missing === undefined) continue;
      layout.endorsements.push(endorsement);
      if (missing > 1) layout.required.set(group, missing - 1);
      else layout.required.delete(group);
      if (layout.required.size > 0) continue;
      this.#completed = layout;
      break;
    }
    return true;
  }

  /** @returns the group, if nobody in it is left who could endorse. */
  async #ask(first: KnownPeer, process: (peer: KnownPeer) => Promise<Outcome>): Promise<string | undefined> {
    let peer: KnownPeer | undefined = first;
    while (peer !== undefined) {
      if (this.add(peer, await process(peer))) return undefined;
      peer = this.#nextInGroup(peer);
    }
    return this.#groupOf.get(first);
  }

  /** Peers for what the next layout misses. */
  #nextPeers(): KnownPeer[] | undefined {
    for (;;) {
      const [layout] = this.#layouts;
      if (layout === undefined) return undefined;
      const enough = [...layout.required].every(
        ([group, quantity]) => (this.#waiting.get(group)?.length ?? 0) >= quantity,
      );
      if (enough)
        return [...layout.required].flatMap(
          ([group, quantity]) => this.#waiting.get(group)?.splice(0, quantity) ?? [],
        );
      this.#layouts.shift();
    }
  }

  #nextInGroup(peer: KnownPeer): KnownPeer | undefined {
    return this.#waiting.get(this.#groupOf.get(peer) ?? '')?.shift();
  }

  #fail(peer: KnownPeer, message: string): false {
    this.details.push(detailOf(peer, message));
    return false;
  }
}
