import { type IdentityRecord } from '../store/records.js';
import { identityAnswer } from './identity-answer.js';

/** An affiliation as it is told, with what is below it and who is in it. */
export interface AffiliationAnswer {
  readonly name: string;
  readonly affiliations?: readonly AffiliationAnswer[];
  readonly identities?: readonly ReturnType<typeof identityAnswer>[];
}

const isChild = (name: string, child: string) =>
  child.startsWith(`${name}.`) && !child.slice(name.length + 1).includes('.');

/** One affiliation of a list, with what of the list is below it. */
export function subtree(
  name: string,
  affiliations: readonly string[],
  identities: readonly IdentityRecord[] = [],
): AffiliationAnswer {
  const children = affiliations.filter((each) => isChild(name, each));
  const members = identities.filter(({ affiliation }) => affiliation === name);
  return {
    name,
    ...(children.length > 0 && {
      affiliations: children.map((each) => subtree(each, affiliations, identities)),
    }),
    ...(members.length > 0 && { identities: members.map(identityAnswer) }),
  };
}

/** All affiliations of a list: the one that all are below, or one without a name above several. */
export function wholeTree(affiliations: readonly string[]): AffiliationAnswer | undefined {
  // What is above a name that is listed counts, even where it is not listed itself.
  const all = new Set(
    affiliations.flatMap((name) => {
      const parts = name.split('.');
      return parts.map((_, index) => parts.slice(0, index + 1).join('.'));
    }),
  );
  const names = [...all].sort();
  const roots = names.filter((name) => !name.includes('.'));
  const [only] = roots;
  if (only === undefined) return undefined;
  if (roots.length === 1) return subtree(only, names);
  return { name: '', affiliations: roots.map((root) => subtree(root, names)) };
}
