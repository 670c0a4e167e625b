import { createHash } from 'node:crypto';
import { mfaContext } from '../access/policies.js';
import { type Authentication } from '../authentication.js';
import { canonicalJson } from './canonical-json.js';

/** Claims that tell two tokens of one person and the same rights apart. */
const ofTheTokenItself = ['exp', 'iat', 'nbf', 'jti'];

/** Claims that tell how and when a person signed in, rather than who they are. */
const ofTheSignIn = ['auth_time', 'acr', 'amr'];

/**
 * Tells whom a stream may be shared among. Subgraphs see the client's token itself, so that any claim may decide what they
 * answer: tokens are of one audience if all their claims are equal, but for those that belong to the token itself and those that
 * whoever runs the router says its subgraphs do not look at. A token that is no JWT is an audience of its own.
 */
export class Audiences {
  readonly #ignored: ReadonlySet<string>;

  /** @param ignored further claims in which tokens of one audience may differ, such as `sub`. */
  constructor(ignored: readonly string[] = []) {
    this.#ignored = new Set([...ofTheTokenItself, ...ignored]);
  }

  /** Names the audience of a client whose token was verified. */
  of({ authorization = '' }: Authentication): string {
    return this.#digest(authorization, this.#ignored);
  }

  /**
   * Whether a fresh token renews what another one began: it is of the same person with the same rights, who is known no less surely.
   * What a stream withholds was decided by the sign-in that it began with.
   */
  renews(fresh: Authentication, present: Authentication): boolean {
    return this.#personOf(fresh) === this.#personOf(present) && isAsSure(fresh, present);
  }

  #personOf({ authorization = '' }: Authentication): string {
    return this.#digest(authorization, new Set([...ofTheTokenItself, ...ofTheSignIn]));
  }

  #digest(authorization: string, ignored: ReadonlySet<string>): string {
    const claims = claimsOf(authorization);
    const known = claims
      ? Object.fromEntries(Object.entries(claims).filter(([name]) => !ignored.has(name)))
      : authorization;
    return createHash('sha256').update(canonicalJson(known)).digest('base64url');
  }
}

/** Whether one signed in no earlier than with the other token, and as surely or with more than one factor. */
function isAsSure({ caller: fresh }: Authentication, { caller: present }: Authentication): boolean {
  if ((fresh?.authenticatedAt ?? 0) < (present?.authenticatedAt ?? 0)) return false;
  if (fresh?.acr === mfaContext && present?.acr !== mfaContext) return true;
  const methods = new Set(fresh?.amr);
  return fresh?.acr === present?.acr && (present?.amr ?? []).every((method) => methods.has(method));
}

/** The claims of a signed JWT, which whoever calls has verified. */
function claimsOf(authorization: string): object | undefined {
  const payload = /\.([\w-]+)\./.exec(authorization)?.[1];
  if (payload === undefined) return undefined;
  try {
    const claims: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString());
    return typeof claims === 'object' && claims !== null ? claims : undefined;
  } catch {
    return undefined;
  }
}
