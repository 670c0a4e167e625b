import { parseSmartScope, type SmartInteraction, type SmartScope } from '@medigraph/schema';
import { type Caller } from './caller.js';

/** Scope of a token that opens everything that its caller may do. */
const wholeScope = 'medigraph';

/**
 * What the SMART scopes of a token leave of what its caller may do. A token that names `medigraph`, or no SMART scope at
 * all, is not narrowed; one whose SMART scopes mean nothing for its caller opens nothing.
 */
export class SmartScopes {
  /** True if nothing is left out. */
  readonly whole: boolean;
  readonly #scopes: readonly SmartScope[];

  constructor({ scopes, role }: Pick<Caller, 'scopes' | 'role'>) {
    const smart = [...scopes].flatMap((scope) => parseSmartScope(scope) ?? []);
    this.whole = scopes.has(wholeScope) || smart.length === 0;
    // Only a patient has a record that `patient/` could mean.
    this.#scopes = smart.filter(({ context }) => context !== 'patient' || role === 'patient');
  }

  /** True if a resource of the type may be read, found, and so on. */
  allows(resourceType: string, interaction: SmartInteraction): boolean {
    const types = this.typesFor(interaction);
    return types === undefined || types.has(resourceType);
  }

  /** Types that are open to an interaction; undefined if every one is. */
  typesFor(interaction: SmartInteraction): ReadonlySet<string> | undefined {
    if (this.whole) return undefined;
    const types = this.#scopes
      .filter(({ interactions }) => interactions.includes(interaction))
      .map(({ resourceType }) => resourceType);
    return types.includes('*') ? undefined : new Set(types);
  }
}
