import { type LinkedDirectives } from '../engine/linked-directives.js';

/** Any of several sets of names, of which all are needed. */
type AnyOfAll = readonly (readonly string[])[];

/** What a caller must have to be given something: all of it. */
export interface Requirement {
  /** Equal for equal requirements. */
  readonly key: string;
  readonly authenticated: boolean;
  readonly scopes?: AnyOfAll;
  readonly policies?: AnyOfAll;
}

/** What `@authenticated`, `@requiresScopes` and `@policy` ask; undefined where there are none. */
export function requirementOf({
  authenticated,
  requiresScopes,
  policy,
}: LinkedDirectives): Requirement | undefined {
  if (!authenticated && !requiresScopes && !policy) return undefined;
  const scopes = requiresScopes && anyOfAll(requiresScopes['scopes']);
  const policies = policy && anyOfAll(policy['policies']);
  const needed = {
    // Scopes are those of a token.
    authenticated: authenticated !== undefined || scopes !== undefined,
    ...(scopes && { scopes }),
    ...(policies && { policies }),
  };
  return { ...needed, key: JSON.stringify(needed) };
}

/** Names of the policies that a requirement knows of. */
export function policiesOf({ policies = [] }: Requirement): ReadonlySet<string> {
  return new Set(policies.flat());
}

/** Whether one of the sets is within what there is. What nobody can satisfy, such as no set at all, is not satisfied. */
export function satisfied(needed: AnyOfAll, has: (name: string) => boolean): boolean {
  return needed.some((all) => all.length > 0 && all.every(has));
}

function anyOfAll(value: unknown): AnyOfAll {
  const lists = Array.isArray(value) ? (value as readonly unknown[]) : [];
  return lists.map((list) => (Array.isArray(list) ? list.map(String) : [String(list)]));
}
