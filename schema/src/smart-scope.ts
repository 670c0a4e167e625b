/**
 * Scopes as {@link https://hl7.org/fhir/smart-app-launch/scopes-and-launch-context.html | SMART App Launch 2} writes
 * them: `patient/Observation.rs`, `user/*.cruds`, `system/Claim.s`.
 */

/** What may be done with a resource: create, read one, update, delete, search. */
export const smartInteractions = ['create', 'read', 'update', 'delete', 'search'] as const;
export type SmartInteraction = (typeof smartInteractions)[number];

/** About one patient, what the user may see, or a program on its own. */
export const smartContexts = ['patient', 'user', 'system'] as const;
export type SmartContext = (typeof smartContexts)[number];

export interface SmartScope {
  readonly context: SmartContext;
  /** FHIR resource type, or `*` for every one. */
  readonly resourceType: string;
  readonly interactions: readonly SmartInteraction[];
}

/** Letters of version 2 in the one order in which they may stand; words of version 1 beside them. */
const pattern = /^(patient|user|system)\/(\*|[A-Z][A-Za-z]{0,63})\.(c?r?u?d?s?|read|write|\*)$/;

const wordsOfVersion1: Readonly<Record<string, string>> = { read: 'rs', write: 'cud', '*': 'cruds' };

/** What a scope says; undefined if it is no SMART scope. Search parameters (`?category=…`) are not understood. */
export function parseSmartScope(scope: string): SmartScope | undefined {
  const [, context, resourceType, said = ''] = pattern.exec(scope) ?? [];
  if (context === undefined || resourceType === undefined || said === '') return undefined;
  const letters = wordsOfVersion1[said] ?? said;
  return {
    context: context as SmartContext,
    resourceType,
    interactions: smartInteractions.filter((interaction) => letters.includes(interaction.charAt(0))),
  };
}

/** True if whoever has `wide` has everything that `narrow` says. */
export const smartScopeCovers = (wide: SmartScope, narrow: SmartScope): boolean =>
  wide.context === narrow.context &&
  (wide.resourceType === '*' || wide.resourceType === narrow.resourceType) &&
  narrow.interactions.every((interaction) => wide.interactions.includes(interaction));
