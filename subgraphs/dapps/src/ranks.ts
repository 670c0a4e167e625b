import { type Statistics } from './statistics.js';

/** What lists of DApps are ordered by, beside names and times: texts that stand in the order of the numbers in them. */
export interface Ranks {
  readonly installationRank: string;
  readonly ratingRank: string;
}

/**
 * A DApp starts with so many ratings of so many stars: one that a single person praised does not come before one that many did. Both are low
 * enough that a few honest ratings soon weigh more.
 */
const presumed = { ratings: 5, stars: 3 } as const;
/** Digits before the point: more than there will be installations. */
const digits = 12;

/** Where a DApp stands among others. */
export function ranksOf({ installations, ratings, averageStars = 0 }: Statistics): Ranks {
  const stars = presumed.ratings * presumed.stars + ratings * averageStars;
  return {
    installationRank: String(installations).padStart(digits, '0'),
    ratingRank: (stars / (presumed.ratings + ratings)).toFixed(digits),
  };
}
