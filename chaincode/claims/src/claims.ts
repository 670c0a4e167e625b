import { claims, outcomeOfState, type ClaimState } from '@medigraph/schema';
import {
  ContractError,
  demand,
  demandDistinct,
  minorUnits,
  moneyOf,
  Returns,
  sha256Of,
  sumOf,
  Transaction,
} from '@medigraph/chaincode-lib';
import { benefits, demandAdjudication, demandAmounts } from './claim-amounts.js';
import { ClaimsContext, isInForce } from './claims-context.js';
import { ClaimsContract } from './claims-contract.js';
import { keysOfClaims, rewrapClaimKeys } from './claim-keys.js';
import { DuplicateLines } from './duplicate-lines.js';

type Claim = claims.Claim;

function demandState(claim: Claim, states: readonly ClaimState[], what: string): void {
  demand(states.includes(claim.state), 'CLAIM_STATE_INVALID', `claim ${claim.id} is ${claim.state}: ${what}`);
}

/** Claims, from what a provider submits to what an insurer pays. */
export class Claims extends ClaimsContract {
  constructor() {
    super('Claims');
  }

  /** By the provider's organisation. */
  @Transaction()
  @Returns('string')
  async Submit(ctx: ClaimsContext, argument: string): Promise<string> {
    const { claims: submitted } = ctx.argument(claims.submitClaims, argument);
    demandDistinct(
      submitted.map(({ id }) => id),
      (index) => `claims.${index}.id`,
    );
    const coverages = await this.#coveragesOf(ctx, submitted);
    const providers = new Set(submitted.map(({ provider }) => provider));
    await Promise.all([...providers].map((provider) => ctx.actFor(provider, 'provider')));
    const known = await Promise.all(submitted.map(({ id }) => ctx.claims.get(id)));
    for (const one of known) demand(!one, 'CLAIM_EXISTS', `claim ${one?.id ?? ''} exists`);
    const lines = await DuplicateLines.of(ctx, submitted);
    const entered = submitted.map((claim, index) => {
      const coverage = coverages.get(claim.coverage);
      if (!coverage) throw new ContractError('COVERAGE_NOT_FOUND', `there is no coverage ${claim.coverage}`);
      this.#check(claim, coverage, `claims.${index}`);
      return this.#enter(ctx, claim, coverage, lines);
    });
    await Promise.all([
      ...entered.map((claim) => ctx.claims.put(claim, claim.id)),
      ...submitted.flatMap(({ id, body, keys }) => [ctx.bodies.put(body, id), ctx.keys.put(keys, id)]),
      lines.save(),
    ]);
    ctx.emit('ClaimSubmitted', entered);
    return ctx.answer(entered);
  }

  /** By the insurer's organisation: some lines or all, each once. The last one decides what becomes of the claim. */
  @Transaction()
  @Returns('string')
  async Adjudicate(ctx: ClaimsContext, argument: string): Promise<string> {
    const decision = ctx.argument(claims.adjudicateClaim, argument);
    demandDistinct(
      decision.items.map(({ sequence }) => sequence),
      (index) => `items.${index}.sequence`,
    );
    const claim = await this.#claimOfInsurer(ctx, decision.claim);
    demandState(claim, ['ENTERED', 'CHECKED', 'PROCESSED'], 'it can no longer be adjudicated');
    const decided = new Map(decision.items.map((item, index) => [item.sequence, { ...item, index }]));
    const items = claim.items.map((line) => {
      const item = decided.get(line.sequence);
      if (!item) return line;
      decided.delete(line.sequence);
      const path = `items.${item.index}`;
      demand(
        line.adjudication.length === 0,
        'CLAIM_STATE_INVALID',
        `${path}.sequence: line ${line.sequence} is adjudicated`,
      );
      demandAdjudication(line, item.adjudication, `${path}.adjudication`);
      return { ...line, adjudication: item.adjudication };
    });
    for (const { sequence, index } of decided.values())
      throw new ContractError('ARGUMENT_INVALID', `items.${index}.sequence: there is no line ${sequence}`);
    const disposition = decision.disposition ?? claim.disposition;
    const adjudicated = this.#advance(ctx, {
      ...claim,
      items,
      ...(disposition !== undefined && { disposition }),
    });
    if (adjudicated.state === 'REJECTED') await this.#releaseLines(ctx, adjudicated);
    await ctx.claims.put(adjudicated, adjudicated.id);
    ctx.emit('ClaimAdjudicated', [adjudicated]);
    return ctx.answer(adjudicated);
  }

  /** By the insurer's organisation: the benefit, once every line is adjudicated. */
  @Transaction()
  @Returns('string')
  async Pay(ctx: ClaimsContext, argument: string): Promise<string> {
    const { claim: id, payment } = ctx.argument(claims.payClaim, argument);
    const claim = await this.#claimOfInsurer(ctx, id);
    demandState(claim, ['VALUATED'], 'only a valuated claim is paid');
    demand(claim.use === 'claim', 'CLAIM_STATE_INVALID', `claim ${id} is a ${claim.use}, which is not paid`);
    const { benefit } = claim;
    if (!benefit) throw new ContractError('CLAIM_STATE_INVALID', `claim ${id} has no benefit`);
    const paid: Claim = { ...claim, ...this.#state(ctx, 'PAID'), payment: { ...payment, amount: benefit } };
    await ctx.claims.put(paid, id);
    ctx.emit('ClaimPaid', [paid]);
    return ctx.answer(paid);
  }

  /** By the provider's organisation, before anything was adjudicated. */
  @Transaction()
  @Returns('string')
  async Cancel(ctx: ClaimsContext, argument: string): Promise<string> {
    const { claim: id, reason } = ctx.argument(claims.cancelClaim, argument);
    const claim = await ctx.claimOfParty(id);
    demand(
      claim.providerMspId === ctx.caller.mspId,
      'CALLER_FORBIDDEN',
      `claim ${id} is cancelled by ${claim.providerMspId} alone`,
    );
    demandState(claim, ['ENTERED', 'CHECKED'], 'it can no longer be cancelled');
    const cancelled: Claim = { ...claim, ...this.#state(ctx, 'CANCELLED'), disposition: reason };
    await Promise.all([ctx.claims.put(cancelled, id), this.#releaseLines(ctx, cancelled)]);
    ctx.emit('ClaimCancelled', [cancelled]);
    return ctx.answer(cancelled);
  }

  /** For patient, provider and insurer. */
  @Transaction(false)
  @Returns('string')
  async ReadClaim(ctx: ClaimsContext, argument: string): Promise<string> {
    const { claim: id } = ctx.argument(claims.readClaim, argument);
    const [claim, body, keys] = await Promise.all([
      ctx.claimOfParty(id),
      ctx.bodies.get(id),
      ctx.keys.get(id),
    ]);
    return ctx.answer({ claim, body, keys });
  }

  /** For a party: the keys that are theirs. */
  @Transaction(false)
  @Returns('string')
  async KeysOf(ctx: ClaimsContext, argument: string): Promise<string> {
    return ctx.answer(await keysOfClaims(ctx, ctx.argument(claims.keysOfClaims, argument)));
  }

  /** By a party whose encryption key is another. */
  @Transaction()
  @Returns('string')
  async RewrapKeys(ctx: ClaimsContext, argument: string): Promise<string> {
    const rewrapped = await rewrapClaimKeys(ctx, ctx.argument(claims.rewrapClaimKeys, argument));
    ctx.emit('KeysRewrapped', [rewrapped]);
    return ctx.answer(rewrapped);
  }

  async #coveragesOf(
    ctx: ClaimsContext,
    submitted: readonly claims.SubmittedClaim[],
  ): Promise<ReadonlyMap<string, claims.Coverage>> {
    const ids = [...new Set(submitted.map(({ coverage }) => coverage))];
    const found = await Promise.all(ids.map((id) => ctx.existingCoverage(id)));
    return new Map(found.map((coverage) => [coverage.id, coverage]));
  }

  #check(claim: claims.SubmittedClaim, coverage: claims.Coverage, path: string): void {
    claim.items.forEach(({ sequence, servicedDate }, index) => {
      const before = claim.items[index - 1]?.sequence ?? 0;
      demand(sequence > before, 'ARGUMENT_INVALID', `${path}.items.${index}.sequence: must ascend`);
      demand(
        isInForce(coverage, servicedDate),
        'COVERAGE_NOT_IN_FORCE',
        `${path}.items.${index}.servicedDate: coverage ${coverage.id} is not in force on ${servicedDate}`,
      );
    });
    demandAmounts(claim, coverage.currency, path);
    demand(
      sha256Of(claim.body) === claim.sha256,
      'ARGUMENT_INVALID',
      `${path}.sha256: is not the SHA-256 digest of the body`,
    );
    const recipients = new Set([coverage.beneficiary, claim.provider, coverage.insurer]);
    for (const recipient of recipients)
      demand(
        Object.hasOwn(claim.keys, recipient),
        'KEY_MISSING',
        `${path}.keys: holds no key for ${recipient}`,
      );
    for (const recipient of Object.keys(claim.keys))
      demand(
        recipients.has(recipient),
        'ARGUMENT_INVALID',
        `${path}.keys.${recipient}: only patient, provider and insurer have a key`,
      );
  }

  #enter(
    ctx: ClaimsContext,
    claim: claims.SubmittedClaim,
    coverage: claims.Coverage,
    lines: DuplicateLines,
  ): Claim {
    const items = claim.items.map((item) => {
      const duplicateOf = lines.enter(claim, item);
      return { ...item, ...(duplicateOf !== undefined && { duplicateOf }), adjudication: [] };
    });
    const flagged = items.some(({ duplicateOf }) => duplicateOf !== undefined);
    return {
      id: claim.id,
      use: claim.use,
      patient: coverage.beneficiary,
      provider: claim.provider,
      providerMspId: ctx.caller.mspId,
      insurer: coverage.insurer,
      insurerMspId: coverage.insurerMspId,
      coverage: coverage.id,
      items,
      total: claim.total,
      sha256: claim.sha256,
      createdAt: ctx.now,
      // A flagged line is for a person to decide, so the claim is entered but not checked.
      ...this.#state(ctx, flagged ? 'ENTERED' : 'CHECKED'),
    };
  }

  async #claimOfInsurer(ctx: ClaimsContext, id: string): Promise<Claim> {
    const claim = await ctx.claimOfParty(id);
    demand(
      claim.insurerMspId === ctx.caller.mspId,
      'CALLER_FORBIDDEN',
      `claim ${id} is decided by ${claim.insurerMspId} alone`,
    );
    return claim;
  }

  /** The state that a claim's adjudications bring it to. */
  #advance(ctx: ClaimsContext, claim: Claim): Claim {
    if (claim.items.some(({ adjudication }) => adjudication.length === 0))
      return { ...claim, ...this.#state(ctx, 'PROCESSED') };
    const paidFor = claim.items.flatMap(({ adjudication }) => benefits(adjudication));
    const benefit = moneyOf(sumOf(paidFor), claim.total.currency);
    if (minorUnits(benefit.value) > 0n) return { ...claim, ...this.#state(ctx, 'VALUATED'), benefit };
    const reasoned = claim.items.every(({ adjudication }) => adjudication.some(({ reason }) => reason));
    demand(
      claim.disposition !== undefined || reasoned,
      'ARGUMENT_INVALID',
      'disposition: a claim of which nothing is paid needs one, or a reason on every line',
    );
    return { ...claim, ...this.#state(ctx, 'REJECTED'), benefit };
  }

  async #releaseLines(ctx: ClaimsContext, claim: Claim): Promise<void> {
    const lines = await DuplicateLines.of(ctx, [claim]);
    lines.remove(claim);
    await lines.save();
  }

  #state(ctx: ClaimsContext, state: ClaimState): Pick<Claim, 'state' | 'outcome' | 'changedAt'> {
    return { state, outcome: outcomeOfState[state], changedAt: ctx.now };
  }
}
