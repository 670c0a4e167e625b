import { operateScope, parseSmartScope, type Role, smartScopeCovers, wholeScope } from '@medigraph/schema';

/** True for scopes that say something about the graph; the others are OpenID Connect's. */
export const isGraphScope = (scope: string): boolean =>
  scope === wholeScope || scope === operateScope || parseSmartScope(scope) !== undefined;

/** True if a client that may ask for `allowed` may ask for `scope`. */
function allows(allowed: string, scope: string): boolean {
  if (allowed === scope) return true;
  const [wide, narrow] = [parseSmartScope(allowed), parseSmartScope(scope)];
  return wide !== undefined && narrow !== undefined && smartScopeCovers(wide, narrow);
}

/** Which of the scopes asked for say something about the graph and are open to the client. */
export const openScopes = (asked: Iterable<string>, allowed: readonly string[]): string[] =>
  [...new Set(asked)].filter((scope) => isGraphScope(scope) && allowed.some((each) => allows(each, scope)));

/** Which of the scopes mean something for a caller of this role. */
export const scopesOfRole = (scopes: readonly string[], role: Role): string[] =>
  scopes.filter((scope) => {
    if (scope === operateScope) return role === 'operator';
    const smart = parseSmartScope(scope);
    // Programs are no users, and only patients have a record of their own.
    return smart?.context !== 'patient' || role === 'patient';
  });
