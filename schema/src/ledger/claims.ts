/** The claims suite: arguments, state and events of its contracts, one channel an insurer. */
import { z } from 'zod';
import { adjudicationCategories, claimOutcomes, claimStates, claimUses } from '../vocabulary.js';
import { maxBatch, rewrapped } from './care.js';
import {
  chainAddress,
  date,
  dayPeriod,
  identifier,
  instant,
  money,
  mspId,
  sealedBody,
  sha256,
  wrappedKey,
} from './primitives.js';

// ── Coverage ────────────────────────────────────────────────────────────────────────────────────────────────────────

/** FHIR R4 Coverage, as far as contracts decide by it. */
export const coverage = z.strictObject({
  id: identifier,
  status: z.enum(['active', 'cancelled']),
  beneficiary: chainAddress,
  /** Institution id of the insurer. */
  insurer: identifier,
  /** Organisation that registered it and alone adjudicates claims against it. */
  insurerMspId: mspId,
  period: dayPeriod,
  currency: z.string().regex(/^[A-Z]{3}$/),
  registeredAt: instant,
});
export type Coverage = z.infer<typeof coverage>;

export const registerPolicies = z.strictObject({
  policies: z
    .array(coverage.pick({ id: true, beneficiary: true, insurer: true, period: true, currency: true }))
    .min(1)
    .max(maxBatch),
});
/** For whoever knows the coverage's id: is the beneficiary covered on that day? */
export const checkEligibility = z.strictObject({ coverage: identifier, servicedDate: date });
/** FHIR R4 CoverageEligibilityResponse, as far as it is decided here. */
export const eligibility = z.strictObject({
  coverage: identifier,
  inforce: z.boolean(),
  disposition: z.string(),
});
export type Eligibility = z.infer<typeof eligibility>;

// ── Claims ──────────────────────────────────────────────────────────────────────────────────────────────────────────

export const adjudication = z.strictObject({
  category: z.enum(adjudicationCategories),
  reason: z.string().min(1).max(200).optional(),
  amount: money,
});
export type Adjudication = z.infer<typeof adjudication>;

/** A line of a claim. What was done is in the sealed body; the ledger has the numbers that it must check. */
export const claimItem = z.strictObject({
  sequence: z.int().min(1).max(9999),
  servicedDate: date,
  quantity: z.int().min(1).max(1_000_000),
  unitPrice: money,
  net: money,
  /** HMAC-SHA-256 of (beneficiary, date, provider, procedure, place, charge): equal hashes are duplicates. */
  duplicateKeyHash: sha256,
});
export type ClaimItem = z.infer<typeof claimItem>;

/** A line as the ledger keeps it. */
export const adjudicatedItem = claimItem.extend({
  /** `claim/sequence` of the earlier line with the same hash; such a line is for a person to decide. */
  duplicateOf: z.string().optional(),
  adjudication: z.array(adjudication),
});
export type AdjudicatedItem = z.infer<typeof adjudicatedItem>;

export const claim = z.strictObject({
  id: identifier,
  use: z.enum(claimUses),
  state: z.enum(claimStates),
  outcome: z.enum(claimOutcomes),
  patient: chainAddress,
  /** Institution id of the hospital. */
  provider: identifier,
  providerMspId: mspId,
  insurer: identifier,
  insurerMspId: mspId,
  coverage: identifier,
  items: z.array(adjudicatedItem).min(1).max(200),
  total: money,
  /** Sum of the `benefit` amounts; absent until every line is adjudicated. */
  benefit: money.optional(),
  disposition: z.string().max(500).optional(),
  /** FHIR ClaimResponse.payment. */
  payment: z.strictObject({ date, amount: money, identifier: identifier }).optional(),
  sha256,
  createdAt: instant,
  changedAt: instant,
});
export type Claim = z.infer<typeof claim>;

/** By the provider: the numbers, and the FHIR Claim sealed for patient, provider and insurer. */
export const submittedClaim = z.strictObject({
  id: identifier,
  use: z.enum(claimUses),
  provider: identifier,
  coverage: identifier,
  items: z.array(claimItem).min(1).max(200),
  total: money,
  /** Of the sealed body. */
  sha256,
  body: sealedBody,
  keys: z.record(identifier, wrappedKey),
});
export type SubmittedClaim = z.infer<typeof submittedClaim>;
export const submitClaims = z.strictObject({ claims: z.array(submittedClaim).min(1).max(maxBatch) });
/** By the insurer, some or all lines; a line may be adjudicated once. */
export const adjudicateClaim = z.strictObject({
  claim: identifier,
  items: z
    .array(z.strictObject({ sequence: z.int().min(1), adjudication: z.array(adjudication).min(1).max(10) }))
    .min(1)
    .max(200),
  disposition: z.string().max(500).optional(),
});
/** By the insurer, once VALUATED; the amount is the benefit. */
export const payClaim = z.strictObject({ claim: identifier, payment: z.strictObject({ date, identifier }) });
/** By the provider, before anything was adjudicated. */
export const cancelClaim = z.strictObject({ claim: identifier, reason: z.string().min(1).max(500) });
/** For the three parties; anyone else is told that there is none. */
export const readClaim = z.strictObject({ claim: identifier });
export const sealedClaim = z.strictObject({
  claim,
  body: sealedBody,
  keys: z.record(identifier, wrappedKey),
});
export type SealedClaim = z.infer<typeof sealedClaim>;

/** Claims of which one transaction tells or replaces the keys. */
export const maxClaimKeys = maxBatch;
/** A key of a claim that is wrapped for whoever asks. */
export const keyOfClaim = z.strictObject({ claim: identifier, key: wrappedKey });
export type KeyOfClaim = z.infer<typeof keyOfClaim>;
/** By a party: of these claims, the keys that are theirs. `institution` is whose they are; absent, the calling patient's. */
export const keysOfClaims = z.strictObject({
  institution: identifier.optional(),
  claims: z.array(identifier).min(1).max(maxClaimKeys),
});
/** By whose keys they are, once their encryption key is another: the same content keys, wrapped for the new one. */
export const rewrapClaimKeys = z.strictObject({
  institution: identifier.optional(),
  keys: z.array(keyOfClaim).min(1).max(maxClaimKeys),
  /** How many more there are to be wrapped anew, as far as is known to whose keys they are. */
  left: z.int().min(0).optional(),
});

// ── Events ──────────────────────────────────────────────────────────────────────────────────────────────────────────

export const claimsEvents = {
  PolicyRegistered: coverage,
  ClaimSubmitted: claim,
  ClaimAdjudicated: claim,
  ClaimPaid: claim,
  ClaimCancelled: claim,
  KeysRewrapped: rewrapped,
} as const;
export type ClaimsEvents = { [Name in keyof typeof claimsEvents]: z.infer<(typeof claimsEvents)[Name]> };
