import { type Caller } from '@medigraph/platform/identity';
import { StepUpRequiredError, UnauthenticatedError, type RouterError } from '../errors.js';
import { type OperationOrigin, type PreparedOperation } from '../operations/prepared-operation.js';

/** What a policy may look at. */
export interface PolicyQuestion {
  readonly caller?: Caller;
  readonly operation: PreparedOperation;
  readonly origin: OperationOrigin;
}

/** What a policy says of a caller. */
export type PolicyVerdict =
  | {
      readonly allowed: true;
      /** When it stops to hold, in milliseconds since the epoch: an open stream ends then. */
      readonly until?: number;
      /** Why the stream ends then. */
      readonly after?: RouterError;
    }
  | {
      readonly allowed: false;
      /** What the caller could do about it; by default `UNAUTHORIZED_FIELD_OR_TYPE`. */
      readonly refusal?: RouterError;
    };

/**
 * Decides of a name in `@policy(policies: [["name"]])`. What it throws refuses the whole operation; a name that nobody decides of is
 * never allowed.
 */
export type PolicyEvaluator = (question: PolicyQuestion) => PolicyVerdict | Promise<PolicyVerdict>;

/** How surely, and how lately, somebody must have signed in. */
export interface StepUp {
  /** Authentication context classes that are good enough. */
  readonly acrValues: readonly string[];
  /** Since they last signed in themselves, in seconds; any time, if absent. */
  readonly maxAge?: number;
}

/** Authentication context class of who proved by more than one factor who they are. */
export const mfaContext = 'urn:medigraph:acr:mfa';

/** A policy that asks clients to have their user sign in more surely, or again (RFC 9470). */
export function stepUpPolicy({ acrValues, maxAge }: StepUp): PolicyEvaluator {
  const refusal = new StepUpRequiredError({ acrValues, maxAge });
  return ({ caller }) => {
    if (!caller) return { allowed: false, refusal: new UnauthenticatedError() };
    if (caller.acr === undefined || !acrValues.includes(caller.acr)) return { allowed: false, refusal };
    if (maxAge === undefined) return { allowed: true };
    const until = ((caller.authenticatedAt ?? 0) + maxAge) * 1000;
    return until > Date.now() ? { allowed: true, until, after: refusal } : { allowed: false, refusal };
  };
}
