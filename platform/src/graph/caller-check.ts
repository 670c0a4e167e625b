import { type KeyObject } from 'node:crypto';
import {
  AssertionVerifier,
  UnauthenticatedError,
  type Caller,
  type TokenVerifier,
} from '../identity/index.js';
import { callerOf } from './bearer-token.js';

/** What a subgraph goes by to know who calls: the forwarded token, the router's assertion, or both of the same caller. */
export const callerProofs = ['token', 'assertion', 'both'] as const;
export type CallerProof = (typeof callerProofs)[number];

/** @see CallerCheck */
export interface CallerCheckOptions {
  /** Name of the subgraph. */
  readonly subgraph: string;
  readonly tokens: TokenVerifier;
  /** Public keys of the routers; none by default. */
  readonly routerKeys?: ReadonlyMap<string, KeyObject>;
  /** Default: the token; an assertion is then looked at where one comes and keys are known. */
  readonly proof?: CallerProof;
}

/**
 * Tells who calls, in two steps: the token is looked at before anything is read, the assertion together with what was read. What
 * demands an assertion cannot be used around the router.
 */
export class CallerCheck {
  readonly #tokens: TokenVerifier;
  readonly #assertions: AssertionVerifier | undefined;
  readonly #proof: CallerProof;

  /** @throws where assertions are demanded and no key is known that would verify one */
  constructor({ subgraph, tokens, routerKeys, proof = 'token' }: CallerCheckOptions) {
    if (proof !== 'token' && !routerKeys?.size)
      throw new Error(`The subgraph ${subgraph} demands the router's assertion and knows no router's key.`);
    this.#tokens = tokens;
    this.#proof = proof;
    this.#assertions = routerKeys?.size ? new AssertionVerifier(subgraph, routerKeys) : undefined;
  }

  /** Who the token names; undefined where none is needed and none came. @throws `UNAUTHENTICATED` */
  async authenticate(authorization: unknown): Promise<Caller | undefined> {
    if (this.#proof === 'assertion' && authorization === undefined) return undefined;
    return callerOf(authorization, this.#tokens);
  }

  /**
   * Who calls, once the request is read.
   * @param named by the token.
   * @param assertion as it came; undefined where none did.
   * @param body to the byte, or what stands for it where it is streamed (`assertedPage`).
   * @throws `UNAUTHENTICATED`
   */
  confirm(named: Caller | undefined, assertion: unknown, body: string | undefined): Caller {
    if (!this.#assertions || (assertion === undefined && this.#proof === 'token')) return required(named);
    if (typeof assertion !== 'string' || body === undefined)
      throw new UnauthenticatedError('assertion', 'Requests come through the router alone.');
    const asserted = required(this.#assertions.verify(assertion, body));
    if (named && (named.subject !== asserted.subject || named.mspId !== asserted.mspId))
      throw new UnauthenticatedError('assertion', 'The token is not of the caller that the router asserts.');
    return asserted;
  }
}

function required(caller: Caller | undefined): Caller {
  if (!caller)
    throw new UnauthenticatedError('missing', 'Send an access token: Authorization: Bearer TOKEN.');
  return caller;
}
